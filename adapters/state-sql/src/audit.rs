//! The trail of administration.

use crate::{
    database::{Database, Keep, Query},
    store::SqlState,
    values::audit_line,
};
use passerelle_core::ports::{
    Fut,
    state::{AuditLine, AuditQuery, AuditTrail},
};
use passerelle_model::Timestamp;

const ADD: &str = "INSERT INTO audit (institution, made, id, who, address, method, target, outcome, change) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
/// Changes nothing; that it is written is what counts.
const SECURE: &str = "UPDATE metadata SET swept = swept";
pub(crate) const LINES: &str = "SELECT institution, made, id, who, address, method, target, outcome, change FROM audit \
     WHERE institution = $1 AND (made, id) < ($2, $3) ORDER BY made DESC, id DESC LIMIT $4";
pub(crate) const LINES_ON: &str = "SELECT institution, made, id, who, address, method, target, outcome, change FROM audit \
     WHERE institution = $1 AND (made, id) < ($2, $3) AND target = $5 ORDER BY made DESC, id DESC LIMIT $4";

impl<D: Database> AuditTrail for SqlState<D> {
    fn audit<'a>(&'a self, lines: &'a [AuditLine]) -> Fut<'a, ()> {
        Box::pin(async move {
            let doing = "writing the audit trail";
            if let [line] = lines {
                return self.write(doing, add(line), Keep::Brief).await.map(drop);
            }
            let mut open = self.begin(doing).await?;
            for line in lines {
                open.write(add(line)).await?;
            }
            open.commit().await
        })
    }

    fn secure(&self) -> Fut<'_, ()> {
        Box::pin(async move {
            // Whatever is committed before a commit that waits for the disk is on the disk with it: both databases write
            // one log, in order.
            self.write("securing the audit trail", Query::new(SECURE), Keep::Safe).await.map(drop)
        })
    }

    fn audited<'a>(&'a self, query: AuditQuery<'a>) -> Fut<'a, Vec<AuditLine>> {
        Box::pin(async move {
            let (at, id) = query.before.unwrap_or((Timestamp(i64::MAX), [0xff; 8]));
            let sql = if query.target.is_some() { LINES_ON } else { LINES };
            let limit = i64::try_from(query.limit).unwrap_or(i64::MAX);
            let asked = Query::new(sql).text(query.institution.as_str()).int(at.0).blob(id).int(limit);
            let asked = match query.target {
                Some(target) => asked.text(target),
                None => asked,
            };
            self.rows("reading the audit trail", asked, audit_line).await
        })
    }
}

fn add(line: &AuditLine) -> Query {
    let AuditLine { at, id, institution, who, from, method, target, outcome, change } = line;
    let add = Query::new(ADD).text(institution.as_str()).int(at.0).blob(*id).text(who).text(from);
    add.text(method).text(target).text(outcome).text(change)
}
