//! Identities, stored and checked as ServisBot's pages do.

use crate::support::*;
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn an_identity_is_stored_and_checked_as_servisbot_pages_do() {
    for (store, server, ..) in each_store() {
        let (check, put) = (format!("/check/{}", reference("7")), format!("/store/{}", reference("7")));
        let nobody = json!({ "Exists": false, "CognitoIdentity": null });
        assert_eq!(server.post(SHOP, &check, json!(null)).await.ok(), nobody, "{store}");
        let identity = "eu-west-1:0f3c; with everything printable ~";
        let stored = server.post(SHOP, &put, json!({ "CognitoIdentity": identity })).await.ok();
        assert_eq!(stored, json!({ "BridgeSession": true }), "{store}");
        let answer = server.send(Method::POST, &check, &[("origin", HELP)], String::new()).await;
        assert_eq!(answer.ok(), json!({ "Exists": true, "CognitoIdentity": identity }), "{store}");
        for (bad, error) in [("", 400), ("line\nbreak", 400), (&*"x".repeat(4097), 413)] {
            assert_eq!(server.post(SHOP, &put, json!({ "CognitoIdentity": bad })).await.status, error, "{store}");
        }
    }
}
