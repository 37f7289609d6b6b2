//! The site's own proxy of StartChatContact. Its answer is that of the samples' Lambda function.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};

use super::AmazonConnect;
use super::contact::Contact;
use super::records::random;
use super::refusal::Refusal;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct StartChatContact {
    persistent_chat: Option<PersistentChat>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PersistentChat {
    source_contact_id: String,
    rehydration_type: RehydrationType,
}

#[derive(Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum RehydrationType {
    EntirePastSession,
    FromSegment,
}

pub(super) async fn start(
    State(service): State<AmazonConnect>,
    Json(body): Json<Value>,
) -> Result<Json<Value>, Refusal> {
    service.with(|records| {
        records.note("/connect/start", &body);
        if !records.has_room() {
            return Err(Refusal::THROTTLED);
        }
        let asked: StartChatContact = serde_json::from_value(body).map_err(|_| Refusal::INVALID)?;
        let past = match asked.persistent_chat {
            Some(PersistentChat { source_contact_id, rehydration_type }) => {
                let source = records.find(&source_contact_id).filter(|source| source.has_ended());
                let is_entire = matches!(rehydration_type, RehydrationType::EntirePastSession);
                source.ok_or(Refusal::INVALID)?.history(is_entire)
            }
            None => Vec::new(),
        };
        records.observed.starts += 1;
        let (id, participant) = (random(), random());
        let token = records.insert(id.clone(), Contact::begin(id.clone(), participant.clone(), past));
        let result = json!({ "ContactId": id, "ParticipantId": participant, "ParticipantToken": token });
        Ok(Json(json!({ "data": { "startChatResult": result } })))
    })
}
