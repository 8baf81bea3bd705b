//! Examining a store: whether it is there, whether clocks agree, whether the key opens the bucket.

use crate::{
    answer,
    client::{Ask, Link},
    place::clock,
};
use passerelle_core::ports::{Leg, Verdict};
use reqwest::Method;
use std::time::Duration;
use tokio::{net::TcpStream, time::timeout};

/// How far clocks may be apart: a signature holds for so long.
const SKEW: Duration = Duration::from_secs(900);

pub(crate) async fn examine(link: &Link) -> Vec<Leg> {
    let mut legs = Vec::new();
    let address = format!("{}:{}", link.settings.host, link.settings.port);
    let reached = match timeout(link.settings.timeout, TcpStream::connect(&address)).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(error.to_string()),
        Err(slow) => Err(slow.to_string()),
    };
    if let Err(what) = reached {
        let what = format!("reach {address}: {what}");
        legs.push(Leg { name: "tcp", verdict: fails(what, "start the object store, or correct endpoint") });
        return legs;
    }
    legs.push(Leg { name: "tcp", verdict: Verdict::Works(address) });
    legs.extend(bucket(link).await);
    legs
}

/// What the key may do where the trees are.
async fn bucket(link: &Link) -> Vec<Leg> {
    let (doing, top) = ("looking at the bucket", link.settings.top());
    let bucket = &link.settings.bucket;
    let query = [("list-type", "2"), ("max-keys", "1"), ("prefix", top)];
    let ask = Ask { query: &query, ..Ask::of(Method::GET, "") };
    let asked = async {
        let response = link.send(doing, link.request(&ask)?, false).await?;
        let (status, now) = (response.status(), clock(&response));
        Ok::<_, passerelle_core::Error>((status, now, link.whole(doing, response).await?))
    };
    let (status, now, octets) = match asked.await {
        Ok(answer) => answer,
        Err(error) => {
            let remedy = "see whether this is the object store, and whether ca has signed its certificate";
            return vec![Leg { name: "bucket", verdict: fails(error.chain(), remedy) }];
        }
    };
    let told = answer::read(&octets).unwrap_or_default();
    let apart = now.map(|now| match now.duration_since((link.clock)()) {
        Ok(ahead) => ahead,
        Err(behind) => behind.duration(),
    });
    let mut legs = Vec::new();
    if let Some(apart) = apart {
        let seconds = apart.as_secs();
        let what = format!("the clocks of the gateway and of the store are {seconds} s apart");
        let late = apart > SKEW || told.code == "RequestTimeTooSkewed";
        let verdict = if late { fails(what, "set both clocks") } else { Verdict::Works(format!("{seconds} s apart")) };
        legs.push(Leg { name: "clock", verdict });
        if late {
            return legs;
        }
    }
    let refused = |remedy: &'static str| fails(format!("look at the bucket {bucket}: {status} {}", told.code), remedy);
    let verdict = match (told.root.as_str(), told.code.as_str()) {
        ("ListBucketResult", _) if status.is_success() => Verdict::Works(format!("{bucket}, {top}*")),
        (_, "NoSuchBucket") => refused("make the bucket, or correct bucket"),
        (_, "InvalidAccessKeyId" | "SignatureDoesNotMatch") => refused("correct access_key and secret_key"),
        (_, "AccessDenied") => refused("let the key list, read, write and delete in the bucket"),
        _ => refused("correct endpoint, and see that it speaks S3 there"),
    };
    legs.push(Leg { name: "bucket", verdict });
    legs
}

fn fails(what: String, remedy: &'static str) -> Verdict {
    Verdict::Fails { what, remedy }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic, reason = "a test may panic")]
    use super::*;
    use crate::client;
    use std::time::SystemTime;

    #[tokio::test]
    async fn campus_clocks_that_are_apart_are_named() {
        let right = client::tests::campus();
        for clock in
            [|| SystemTime::now() - Duration::from_secs(3_600), || SystemTime::now() + Duration::from_secs(1_200)]
        {
            let link = Link { clock, ..right.clone() };
            let legs = examine(&link).await;
            let [_, Leg { name: "clock", verdict: Verdict::Fails { remedy, .. } }] = legs.as_slice() else {
                panic!("{legs:?}")
            };
            assert!(remedy.contains("clocks"), "{legs:?}");
            // What is asked of it all the same says so too.
            let ask = Ask::of(Method::GET, "");
            let answer =
                async { link.told("asking", link.send("asking", link.request(&ask)?, false).await?, "x").await };
            let told = answer.await.map(drop).map_err(|error| error.chain());
            assert!(matches!(&told, Err(told) if told.contains("clock")), "{told:?}");
        }
    }
}
