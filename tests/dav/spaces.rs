//! Who reaches a tree that is nobody's own: by what the settings say, by what is granted, and by nothing else.

use passerelle_core::{
    Add, Edit, Errand, Error, Lookup, Manage, Mount, Read, Result, Right, Session, config::Block, ports::FileStore,
};
use passerelle_model::{Account, AccountId, Grant, InstitutionId, MountId, NodePath, NodeRef, Rights};
use passerelle_testkit::{
    house::{HouseBuilder, TestHouse, to_account, to_institution, to_staff},
    memory_state::MemoryState,
};
use std::{path::Path, sync::Arc};

fn store(folder: &Path, text: &str, is_space: bool) -> Arc<dyn FileStore> {
    let block = Block::from_text("files", &folder.join("x.toml"), text);
    (passerelle_files_local::FACTORY.build)(&if is_space { block.of_space() } else { block }).unwrap()
}

/// A space of garonne's that staff edit and everybody reads, one of autan's without a line, and everybody's homes.
async fn house(folder: &Path) -> TestHouse {
    let homes = store(folder, "path = \"homes/{institution}-{login}\"\ncreate = true", false);
    let tree = |name: &str| store(folder, &format!("path = \"{name}\"\ncreate = true"), true);
    let grants = vec![
        Grant { to: to_institution("garonne"), rights: Rights::READ, until: None },
        Grant { to: to_staff("garonne"), rights: Rights::EDIT.union(Rights::ADD), until: None },
    ];
    HouseBuilder::new(Arc::new(MemoryState::new()))
        .files("garonne", Arc::clone(&homes))
        .files("autan", homes)
        .space("garonne", "commun", tree("commun"), grants)
        .space("autan", "labo", tree("labo"), Vec::new())
        .open()
        .await
        .unwrap()
}

fn owner(institution: &str, id: &str) -> Account {
    Account { institution: InstitutionId::parse(institution).unwrap(), id: AccountId::parse(id).unwrap() }
}

async fn may<R: Right>(session: &Session, institution: &str, owner_id: &str, tree: &str) -> Result<()> {
    let node =
        NodeRef { owner: owner(institution, owner_id), mount: MountId::parse(tree).unwrap(), path: NodePath::root() };
    let handle = session.open::<_, R>(node).await?;
    // The store is asked too: what was opened is there.
    match handle.rights().contains(Rights::LOOKUP) {
        true => session.open::<_, Lookup>(handle.target().clone()).await?.stat().await.map(drop),
        false => Err(Error::Forbidden),
    }
}

fn told(outcome: Result<()>) -> String {
    outcome.err().map_or_else(|| "open".to_owned(), |error| error.to_string())
}

#[tokio::test]
async fn the_settings_say_who_may_do_what() {
    let folder = tempfile::tempdir().unwrap();
    let house = house(folder.path()).await;
    let anybody = house.login("u00001@a.test", Errand::Files).await.unwrap();
    let staff = house.login("u00003@a.test", Errand::Files).await.unwrap();
    let abroad = house.login("u00003@b.test", Errand::Files).await.unwrap();
    let at = ("garonne", "~commun", "commun");
    assert_eq!(told(may::<Read>(&anybody, at.0, at.1, at.2).await), "open");
    assert_eq!(told(may::<Edit>(&anybody, at.0, at.1, at.2).await), "not permitted");
    assert_eq!(told(may::<Edit>(&staff, at.0, at.1, at.2).await), "open");
    assert_eq!(told(may::<Manage>(&staff, at.0, at.1, at.2).await), "not permitted");
    // An administrator is one of everybody.
    assert_eq!(told(may::<Manage>(&anybody, at.0, at.1, at.2).await), "not permitted");
    assert_eq!(told(may::<Lookup>(&abroad, at.0, at.1, at.2).await), "not found");
    let trees = |session: &Session| {
        let session = session.clone();
        async move { session.trees().await.unwrap().iter().map(|owner| session.name_of(owner)).collect::<Vec<_>>() }
    };
    assert_eq!(trees(&anybody).await, ["u00001", "~commun"]);
    assert_eq!(trees(&abroad).await, ["u00003"]);
}

#[tokio::test]
async fn a_grant_adds_to_the_settings_and_an_agreement_is_needed_abroad() {
    let folder = tempfile::tempdir().unwrap();
    let house = house(folder.path()).await;
    let grant = |institution: &str, space: &str, to| {
        let node = NodeRef {
            owner: owner(institution, &format!("~{space}")),
            mount: MountId::parse(space).unwrap(),
            path: NodePath::root(),
        };
        let state = Arc::clone(&house.state);
        async move {
            state
                .set_grant(&node.target(), &Grant { to, rights: Rights::READ.union(Rights::ADD), until: None })
                .await
                .unwrap();
        }
    };
    // autan shares with garonne, garonne not with autan.
    let (guest, abroad) = (
        house.login("u00002@a.test", Errand::Files).await.unwrap(),
        house.login("u00002@b.test", Errand::Files).await.unwrap(),
    );
    assert_eq!(told(may::<Lookup>(&guest, "autan", "~labo", "labo").await), "not found");
    grant("autan", "labo", to_account("u00002@a.test")).await;
    assert_eq!(told(may::<Add>(&guest, "autan", "~labo", "labo").await), "open");
    assert_eq!(
        guest.trees().await.unwrap().iter().map(|it| guest.name_of(it)).collect::<Vec<_>>(),
        ["u00002", "~labo@b.test", "~commun"]
    );
    grant("garonne", "commun", to_account("u00002@b.test")).await;
    assert_eq!(told(may::<Lookup>(&abroad, "garonne", "~commun", "commun").await), "not found");
}

/// A person owns nothing in a space's tree, a space nothing in the tree of homes, and no name leads from one to another.
#[tokio::test]
async fn no_name_leads_around_the_rules() {
    let folder = tempfile::tempdir().unwrap();
    let house = house(folder.path()).await;
    let me = house.login("u00001@a.test", Errand::Files).await.unwrap();
    for (owner, tree) in [
        ("u00001", "commun"),
        ("~commun", Mount::HOME),
        ("~labo", "labo"),
        ("~home", Mount::HOME),
        ("~", "commun"),
        ("~~commun", "commun"),
        ("~Commun", "commun"),
    ] {
        assert_eq!(told(may::<Lookup>(&me, "garonne", owner, tree).await), "not found", "{owner} in {tree}");
    }
    for name in ["~home", "~", "~none", "~labo", "~commun/..", "~COMMUN"] {
        let found = me.place(name, "");
        assert!(matches!(found, Err(Error::NotFound)), "{name}: {found:?}");
    }
    assert!(me.place("~commun", "").is_ok());
}
