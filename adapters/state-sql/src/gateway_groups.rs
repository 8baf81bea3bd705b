//! Gateway groups and who is in them.

use crate::{
    database::{Database, Keep, Query, Sql, sql},
    store::{Open, SqlState},
    values::{account_text, gateway_group, group_text, parse_account, parse_group},
};
use passerelle_core::{
    Error, Result,
    ports::{
        Fut, MemberChange,
        state::{GatewayGroup, GatewayGroups, MOST_GATEWAY_MEMBERS, MOST_JOINED},
    },
};
use passerelle_model::{Account, GroupRef, InstitutionId};

const ADD: &str = "INSERT INTO gateway_groups (name, description) VALUES ($1, $2)";
pub(crate) const ONE: &str = "SELECT name, description FROM gateway_groups WHERE name = $1";
pub(crate) const OF: &str = "SELECT name, description FROM gateway_groups WHERE name >= $1 AND name < $2 ORDER BY name";
pub(crate) const DESCRIBE: &str = "UPDATE gateway_groups SET description = $2 WHERE name = $1";
const JOIN: &str = "INSERT INTO gateway_members (member, name) VALUES ($1, $2) ON CONFLICT (member, name) DO NOTHING";
pub(crate) const LEAVE: Sql = sql!("DELETE FROM gateway_members WHERE member " ONE_OF " AND name = $2");
pub(crate) const COUNT: &str = "SELECT COUNT(*) FROM gateway_members WHERE name = $1";
pub(crate) const CROWDED: Sql =
    sql!("SELECT member FROM gateway_members WHERE member " ONE_OF " GROUP BY member HAVING COUNT(*) > $2 LIMIT 1");
pub(crate) const MEMBERS: &str =
    "SELECT member FROM gateway_members WHERE name = $1 AND member > $2 ORDER BY member LIMIT $3";
pub(crate) const JOINED: Sql =
    sql!("SELECT name FROM gateway_members WHERE member = $2 AND name " ONE_OF " ORDER BY name");
pub(crate) const ALL_JOINED: &str = "SELECT name FROM gateway_members WHERE member = $1 ORDER BY name LIMIT $2";
pub(crate) const LEAVE_ALL: &str = "DELETE FROM gateway_members WHERE member = $1";
/// What follows a group's name, and what ends with it.
pub(crate) const RENAME: [&str; 2] =
    ["UPDATE gateway_groups SET name = $2 WHERE name = $1", "UPDATE gateway_members SET name = $2 WHERE name = $1"];
pub(crate) const DROP: [&str; 2] =
    ["DELETE FROM gateway_groups WHERE name = $1", "DELETE FROM gateway_members WHERE name = $1"];

impl<D: Database> GatewayGroups for SqlState<D> {
    fn add_gateway_group<'a>(&'a self, group: &'a GatewayGroup, members: &'a [Account]) -> Fut<'a, ()> {
        Box::pin(async move {
            let name = group_text(&group.group);
            let mut open = self.begin("making a group").await?;
            open.write(Query::new(ADD).text(&name).text(&group.description)).await?;
            open.join(&name, members).await?;
            open.commit().await
        })
    }

    fn gateway_group<'a>(&'a self, group: &'a GroupRef) -> Fut<'a, Option<GatewayGroup>> {
        Box::pin(
            async move { self.one("reading a group", Query::new(ONE).text(group_text(group)), gateway_group).await },
        )
    }

    fn gateway_groups<'a>(&'a self, institution: &'a InstitutionId) -> Fut<'a, Vec<GatewayGroup>> {
        Box::pin(
            async move { self.rows("reading groups", Query::new(OF).below(institution.as_str()), gateway_group).await },
        )
    }

    fn describe_gateway_group<'a>(&'a self, group: &'a GatewayGroup) -> Fut<'a, bool> {
        Box::pin(async move {
            let describe = Query::new(DESCRIBE).text(group_text(&group.group)).text(&group.description);
            Ok(self.write("describing a group", describe, Keep::Safe).await? > 0)
        })
    }

    fn change_gateway_members<'a>(
        &'a self,
        group: &'a GroupRef,
        change: MemberChange,
        members: &'a [Account],
    ) -> Fut<'a, bool> {
        Box::pin(async move {
            let name = group_text(group);
            let mut open = self.begin("changing the members of a group").await?;
            // Two changes of one group wait for each other, and so does its end: nobody joins what is gone.
            open.serialise(&name).await?;
            if open.rows(Query::new(ONE).text(&name), gateway_group).await?.is_empty() {
                return Ok(false);
            }
            match change {
                MemberChange::Add => open.join(&name, members).await?,
                MemberChange::Remove => {
                    let who = members.iter().map(account_text).collect();
                    open.write(Query::new(LEAVE).texts(who).text(&name)).await?;
                }
            }
            open.commit().await?;
            Ok(true)
        })
    }

    fn gateway_members<'a>(
        &'a self,
        group: &'a GroupRef,
        after: Option<&'a Account>,
        limit: usize,
    ) -> Fut<'a, Vec<Account>> {
        Box::pin(async move {
            let (after, limit) =
                (after.map(account_text).unwrap_or_default(), i64::try_from(limit).unwrap_or(i64::MAX));
            let members = Query::new(MEMBERS).text(group_text(group)).text(after).int(limit);
            self.rows("reading the members of a group", members, |mut row| parse_account(&row.text("member")?)).await
        })
    }

    fn joined<'a>(&'a self, account: &'a Account, groups: &'a [GroupRef]) -> Fut<'a, Vec<GroupRef>> {
        Box::pin(async move {
            let among = Query::new(JOINED).texts(groups.iter().map(group_text).collect()).text(account_text(account));
            self.rows("looking who is in a group", among, |mut row| parse_group(&row.text("group")?)).await
        })
    }

    fn all_joined<'a>(&'a self, account: &'a Account) -> Fut<'a, Vec<GroupRef>> {
        Box::pin(async move {
            let most = i64::try_from(MOST_JOINED).unwrap_or(i64::MAX);
            let all = Query::new(ALL_JOINED).text(account_text(account)).int(most);
            self.rows("looking what groups somebody is in", all, |mut row| parse_group(&row.text("group")?)).await
        })
    }

    fn left_all<'a>(&'a self, account: &'a Account) -> Fut<'a, ()> {
        Box::pin(async move {
            let leave = Query::new(LEAVE_ALL).text(account_text(account));
            self.write("taking somebody out of all groups", leave, Keep::Safe).await.map(drop)
        })
    }
}

impl<D: Database> Open<'_, D> {
    /// Adds members, within the bounds.
    async fn join(&mut self, name: &str, members: &[Account]) -> Result<()> {
        let who: Vec<String> = members.iter().map(account_text).collect();
        for member in &who {
            self.write(Query::new(JOIN).text(member).text(name)).await?;
        }
        let count = self.rows(Query::new(COUNT).text(name), |mut row| row.int("count")).await?;
        let most = |most: usize| i64::try_from(most).unwrap_or(i64::MAX);
        let crowded = Query::new(CROWDED).texts(who).int(most(MOST_JOINED));
        let is_crowded = !self.rows(crowded, |_| Ok(())).await?.is_empty();
        if is_crowded || count.first().is_some_and(|count| *count > most(MOST_GATEWAY_MEMBERS)) {
            return Err(Error::OverQuota);
        }
        Ok(())
    }
}
