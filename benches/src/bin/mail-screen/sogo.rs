//! By SOGo.

use crate::{ROWS, Way};
use passerelle_benches::{
    Result,
    http::{Http, at, document},
};
use serde_json::json;

/// SOGo's own page, by the requests that it makes. It has no beginnings of messages in its list, and no changes: after arrivals it
/// lists anew.
pub(crate) struct BySogo {
    http: Http,
    base: String,
}

impl BySogo {
    pub(crate) async fn open(address: &str, user: &str, password: &str) -> Result<Self> {
        let mut http = Http::open(address, String::new()).await?;
        // It hangs up behind each answer without saying so.
        http.keeps = false;
        let body = json!({ "userName": user, "password": password, "domain": null, "rememberLogin": 0 }).to_string();
        let (head, _) = http.ask("POST", "/SOGo/connect", &body).await?;
        let cookies: Vec<&str> = head
            .lines()
            .filter_map(|line| line.split_once(':').filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie")))
            .map(|(_, value)| value.split(';').next().unwrap_or_default().trim())
            .collect();
        let token = cookies.iter().find_map(|it| it.strip_prefix("XSRF-TOKEN=")).unwrap_or_default();
        http.fields = format!("Cookie: {}\r\nX-XSRF-TOKEN: {token}\r\n", cookies.join("; "));
        Ok(Self { http, base: format!("/SOGo/so/{user}/Mail/0") })
    }
}

impl Way for BySogo {
    type Answer = Vec<u8>;
    const CHANGED: usize = ROWS;

    async fn screen(&mut self) -> Result<Vec<u8>> {
        let body = json!({ "sortingAttributes": { "sort": "arrival", "asc": 0, "match": "AND" } }).to_string();
        Ok(self.http.ask("POST", &format!("{}/folderINBOX/view", self.base), &body).await?.1)
    }

    async fn folders(&mut self) -> Result<Vec<u8>> {
        Ok(self.http.ask("GET", &format!("{}/view", self.base), "").await?.1)
    }

    async fn changes(&mut self) -> Result<(Vec<u8>, usize)> {
        Ok((self.screen().await?, 1))
    }

    async fn seen(&mut self) -> Result<()> {
        self.screen().await.map(drop)
    }

    /// Its first row names the columns.
    fn rows(answer: &Vec<u8>) -> usize {
        at(&document(answer), "/headers").as_array().map_or(0, |rows| rows.len().saturating_sub(1))
    }

    fn lists(answer: &Vec<u8>) -> bool {
        at(&document(answer), "/mailboxes").as_array().is_some_and(|it| !it.is_empty())
    }
}
