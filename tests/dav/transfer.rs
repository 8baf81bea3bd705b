//! COPY and MOVE.

use crate::Dav;
use passerelle_model::Rights;
use passerelle_testkit::house::to_account;

const ME: &str = "u00001@a.test";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_things_may_go() {
    let dav = Dav::start().await;
    let me = dav.client(ME);
    let here = format!("http://{}", dav.server.address);
    for (method, from, to, more, status) in [
        ("COPY", "f", "/dav/files/u00001/g", &[][..], 201),
        ("COPY", "f", "{here}/dav/files/u00001/g", &[], 201),
        ("COPY", "f", "/dav/files/u00001/d", &[], 204),
        ("COPY", "f", "/dav/files/u00001/d", &[("overwrite", "F")], 412),
        ("COPY", "f", "/dav/files/u00001/f", &[], 403),
        ("COPY", "f", "/dav/files/u00001/no/g", &[], 409),
        ("COPY", "f", "http://elsewhere.test/dav/files/u00001/g", &[], 502),
        ("COPY", "f", "/dav/files/u00001/../u00002/g", &[], 400),
        ("COPY", "f", "/dav/files/u00001/", &[], 403),
        ("COPY", "f", "/dav/files/", &[], 403),
        ("COPY", "f", "/elsewhere", &[], 403),
        ("COPY", "f", "not a url", &[], 400),
        ("COPY", "d", "/dav/files/u00001/d/in", &[], 403),
        ("COPY", "d", "/dav/files/u00001/d/in", &[("depth", "0")], 201),
        ("COPY", "d", "/dav/files/u00001/new", &[("depth", "1")], 400),
        ("COPY", "d", "/dav/files/u00001/new", &[("depth", "0")], 201),
        ("COPY", "d/f", "/dav/files/u00001/d", &[], 403),
        ("COPY", "missing", "/dav/files/u00001/g", &[], 404),
        ("MOVE", "f", "/dav/files/u00001/g", &[], 201),
        ("MOVE", "f", "/dav/files/u00001/d", &[], 204),
        ("MOVE", "f", "/dav/files/u00001/d", &[("overwrite", "F")], 412),
        ("MOVE", "d", "/dav/files/u00001/f", &[], 204),
        ("MOVE", "d", "/dav/files/u00001/new", &[("depth", "0")], 400),
        ("MOVE", "d", "/dav/files/u00001/d/in", &[], 403),
        ("MOVE", "d/f", "/dav/files/u00001/d", &[], 403),
        ("MOVE", "", "/dav/files/u00001/new", &[], 403),
        ("MOVE", "missing", "/dav/files/u00001/g", &[], 404),
    ] {
        let home = dav.on_disk(ME, "x").parent().unwrap().to_path_buf();
        std::fs::remove_dir_all(&home).unwrap();
        dav.write(ME, "f", "f");
        dav.write(ME, "d/f", "df");
        let to = to.replace("{here}", &here);
        let mut headers = vec![("destination", to.as_str())];
        headers.extend(more);
        let reply = me.ask(method, &format!("/dav/files/u00001/{from}"), &headers).await;
        assert_eq!(reply.status, status, "{method} {from} {headers:?}");
        if status >= 400 {
            assert_eq!(
                (dav.read(ME, "f"), dav.read(ME, "d/f")),
                (Some("f".into()), Some("df".into())),
                "{method} {from} {to}"
            );
        }
    }
    assert_eq!(me.ask("COPY", "/dav/files/u00001/f", &[]).await.status, 400, "no destination");
}

/// The two institutions have a store each: what goes between them is copied octet by octet.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn between_stores() {
    let dav = Dav::start().await;
    let (abroad, me) = ("u00001@b.test", dav.client(ME));
    let large = "0123456789abcdef".repeat(100_000);
    dav.write(abroad, "shared/d/e/large", &large);
    dav.write(abroad, "shared/d/small", "small");
    dav.write(ME, "taken/old", "old");
    dav.server.house.grant(abroad, "shared", to_account(ME), Rights::MANAGE).await.unwrap();
    let source = "/dav/files/u00001@b.test/shared/d";
    assert_eq!(me.ask("COPY", source, &[("destination", "/dav/files/u00001/copy")]).await.status, 201);
    assert_eq!(dav.read(ME, "copy/e/large").as_deref(), Some(large.as_str()));
    assert_eq!(dav.read(ME, "copy/small").as_deref(), Some("small"));
    assert_eq!(me.ask("MOVE", source, &[("destination", "/dav/files/u00001/taken")]).await.status, 204);
    assert_eq!((dav.read(ME, "taken/e/large").as_deref(), dav.read(ME, "taken/old")), (Some(large.as_str()), None));
    assert!(!dav.on_disk(abroad, "shared/d").exists());
    assert_eq!(
        me.ask("MOVE", "/dav/files/u00001/copy/small", &[("destination", "/dav/files/u00001@b.test/shared/back")])
            .await
            .status,
        201
    );
    assert_eq!((dav.read(abroad, "shared/back").as_deref(), dav.read(ME, "copy/small")), (Some("small"), None));
}

/// Within a store, from one owner to another.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn between_owners() {
    let dav = Dav::start().await;
    let (other, me) = ("u00002@a.test", dav.client(ME));
    dav.write(other, "shared/d/f", "f");
    dav.write(ME, "mine", "mine");
    dav.server.house.grant(other, "shared", to_account(ME), Rights::MANAGE).await.unwrap();
    assert_eq!(
        me.ask("COPY", "/dav/files/u00002/shared/d", &[("destination", "/dav/files/u00001/copy")]).await.status,
        201
    );
    assert_eq!(dav.read(ME, "copy/f").as_deref(), Some("f"));
    assert_eq!(
        me.ask("MOVE", "/dav/files/u00001/mine", &[("destination", "/dav/files/u00002/shared/d/f")]).await.status,
        204
    );
    assert_eq!((dav.read(other, "shared/d/f").as_deref(), dav.read(ME, "mine")), (Some("mine"), None));
}
