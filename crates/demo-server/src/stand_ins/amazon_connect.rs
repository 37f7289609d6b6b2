//! Stands in for Amazon Connect: the Participant Service that ChatJS talks to, and the site's own proxy of StartChatContact. Its
//! contacts are in memory, shared by the shops.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::sync::broadcast;
use uuid::Uuid;

/// The most contacts that are kept, connections of all, items of each transcript, and characters of each message.
const LIMITS: (usize, usize, usize, usize) = (1000, 10_000, 500, 1024);

/// The most items that one answer has. The service's own limit is 100; with fewer, whoever does not turn the pages is found out.
const PAGE: usize = 4;

/// How long a socket's address and a connection's token are good for, as the service has it.
const LIFETIMES: (Duration, Duration) = (Duration::from_secs(100), Duration::from_secs(24 * 60 * 60));

const MESSAGE: &str = "text/plain";
const JOINED: &str = "application/vnd.amazonaws.connect.event.participant.joined";
const ENDED: &str = "application/vnd.amazonaws.connect.event.chat.ended";

/// The service.
#[derive(Clone)]
pub struct Participants {
    kept: Arc<Mutex<Kept>>,
    /// Where the sockets are, as the scheme and the host of an address. ChatJS takes `wss://…`, and `ws://127.0.0.1:…`.
    sockets: String,
}

#[derive(Default)]
struct Kept {
    /// By their number.
    contacts: HashMap<String, Contact>,
    /// Whose they are: participant tokens, for as long as the contact lasts; connection tokens; and addresses of sockets, once.
    participants: HashMap<String, String>,
    connections: HashMap<String, Good>,
    sockets: HashMap<String, Good>,
    tests: Tests,
}

/// Something of a contact's that is good until then.
struct Good {
    contact: String,
    until: Instant,
}

struct Contact {
    participant: String,
    /// Of the contacts that this one goes on from.
    past: Vec<Value>,
    transcript: Vec<Value>,
    has_ended: bool,
    /// When its last item was made.
    last: u64,
    pushes: broadcast::Sender<Push>,
}

#[derive(Clone)]
enum Push {
    Item(Value),
    /// The line is cut.
    Cut,
}

/// What tests see and do.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Tests {
    starts: usize,
    /// What was asked, in that order, with its body.
    asked: Vec<(String, Value)>,
    connection_tokens: Vec<String>,
    /// How many of the next connections fail, and with which status.
    #[serde(skip)]
    failures: (usize, u16),
}

#[derive(Default, Deserialize)]
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

#[derive(Deserialize)]
struct Ticket {
    ticket: String,
}

#[derive(Deserialize)]
struct Failures {
    times: usize,
    status: u16,
}

#[derive(Deserialize)]
struct Said {
    text: String,
}

/// An error as the service words it.
struct Refusal(StatusCode, &'static str, &'static str);

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let Self(status, kind, message) = self;
        (status, [("x-amzn-errortype", kind)], Json(json!({ "message": message }))).into_response()
    }
}

impl Refusal {
    const DENIED: Self =
        Self(StatusCode::FORBIDDEN, "AccessDeniedException", "The token is unknown, or its chat has ended.");
    const INVALID: Self = Self(StatusCode::BAD_REQUEST, "ValidationException", "The request is invalid.");
    const THROTTLED: Self = Self(StatusCode::TOO_MANY_REQUESTS, "ThrottlingException", "Too many requests.");
}

impl Participants {
    /// A service whose sockets are at this scheme and host.
    #[must_use]
    pub fn new(sockets: String) -> Self {
        Self { kept: Arc::default(), sockets }
    }

    /// The site's own proxy of StartChatContact, and the service's address on a site.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/connect/start", post(start))
            .route("/participant/{action}", post(ask))
            .merge(Self::socket_routes())
            .merge(Self::test_routes())
            .with_state(self.clone())
    }

    /// The sockets' address only.
    pub fn sockets(&self) -> Router {
        Self::socket_routes().with_state(self.clone())
    }

    fn socket_routes() -> Router<Self> {
        Router::new().route("/participant/socket", get(socket))
    }

    /// What a test does in the agent's place, or the network's.
    fn test_routes() -> Router<Self> {
        Router::new()
            .route("/connect/test", get(seen))
            .route("/connect/test/fail", post(fail))
            .route("/connect/test/cut", post(cut))
            .route("/connect/test/say", post(say))
            .route("/connect/test/end", post(end))
    }

    fn with<T>(&self, act: impl FnOnce(&mut Kept) -> T) -> T {
        act(&mut self.kept.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Kept {
    fn note(&mut self, path: &str, body: &Value) {
        if self.tests.asked.len() < LIMITS.0 {
            self.tests.asked.push((path.to_owned(), body.clone()));
        }
    }

    fn contact(&mut self, number: &str) -> Result<&mut Contact, Refusal> {
        self.contacts.get_mut(number).filter(|contact| !contact.has_ended).ok_or(Refusal::DENIED)
    }

    fn connected(&mut self, token: &str) -> Result<(String, &mut Contact), Refusal> {
        let good = self.connections.get(token).filter(|good| good.until > Instant::now()).ok_or(Refusal::DENIED)?;
        let number = good.contact.clone();
        Ok((number.clone(), self.contact(&number)?))
    }

    /// All that go on.
    fn open(&mut self) -> impl Iterator<Item = (&String, &mut Contact)> {
        self.contacts.iter_mut().filter(|(_, contact)| !contact.has_ended)
    }
}

impl Contact {
    /// Adds an item of the visitor's, the agent's or the system's, and pushes it.
    fn add(&mut self, number: &str, role: &str, content_type: &str, content: Option<&str>) -> Value {
        let is_message = content_type == MESSAGE;
        // One after the other, although several may come in one millisecond.
        self.last = now().max(self.last + 1);
        let item = json!({
            "Id": Uuid::new_v4(),
            "AbsoluteTime": time_of(self.last),
            "ContactId": number,
            "InitialContactId": number,
            "Type": if is_message { "MESSAGE" } else { "EVENT" },
            "ContentType": content_type,
            "Content": content,
            "ParticipantRole": role,
            "ParticipantId": if role == "CUSTOMER" { &self.participant } else { "agent" },
            "DisplayName": if role == "CUSTOMER" { "Customer" } else { "Maja" },
        });
        self.transcript.push(item.clone());
        // Nobody may be listening.
        let _ = self.pushes.send(Push::Item(item.clone()));
        item
    }

    fn answer(&mut self, number: &str, said: &str) {
        let answers = self.transcript.iter().filter(|item| item.get("ContentType") == Some(&json!(MESSAGE))).count();
        let text = match answers {
            _ if said == "bye" => "Thank you for your visit. Goodbye!",
            0..=2 => "Let me look that up for you. Do look around meanwhile.",
            3..=4 => "Good news: it is in stock, and ships tomorrow.",
            _ => "Of course. Is there anything else?",
        };
        self.add(number, "AGENT", MESSAGE, Some(text));
        if said == "bye" {
            self.end(number);
        }
    }

    fn end(&mut self, number: &str) {
        self.add(number, "SYSTEM", ENDED, None);
        self.has_ended = true;
    }

    /// One page, from its end; each page's last items first, if they are older.
    fn page(&self, asked: &Value) -> Result<Value, Refusal> {
        if asked.get("ScanDirection").is_some_and(|direction| direction != "BACKWARD") {
            return Err(Refusal::INVALID);
        }
        let all: Vec<&Value> = self.past.iter().chain(&self.transcript).collect();
        let end = match asked.get("NextToken").and_then(Value::as_str) {
            Some(token) => token.parse().map_err(|_| Refusal::INVALID)?,
            None => all.len(),
        };
        let most = asked.get("MaxResults").and_then(Value::as_u64).and_then(|most| usize::try_from(most).ok());
        let begin = end.saturating_sub(most.unwrap_or(PAGE).clamp(1, PAGE));
        let mut page = all.get(begin..end).ok_or(Refusal::INVALID)?.to_vec();
        if asked.get("SortOrder").is_some_and(|order| order == "DESCENDING") {
            page.reverse();
        }
        let next = (begin > 0).then(|| begin.to_string());
        Ok(json!({ "InitialContactId": null, "Transcript": page, "NextToken": next }))
    }
}

/// The site's own proxy: what it answers is what the samples' Lambda function answers.
async fn start(State(service): State<Participants>, Json(body): Json<Value>) -> Result<Json<Value>, Refusal> {
    service.with(|kept| {
        kept.note("/connect/start", &body);
        if kept.contacts.len() >= LIMITS.0 {
            return Err(Refusal::THROTTLED);
        }
        let asked: StartChatContact = serde_json::from_value(body).map_err(|_| Refusal::INVALID)?;
        let mut past = Vec::new();
        if let Some(PersistentChat { source_contact_id, rehydration_type }) = asked.persistent_chat {
            let source = kept.contacts.get(&source_contact_id).filter(|source| source.has_ended);
            let source = source.ok_or(Refusal::INVALID)?;
            if matches!(rehydration_type, RehydrationType::EntirePastSession) {
                past.clone_from(&source.past);
            }
            past.extend(source.transcript.iter().cloned());
        }
        kept.tests.starts += 1;
        let (number, participant, token) = (random(), random(), random());
        let greeting =
            if past.is_empty() { "Hello, this is Maja. How can I help?" } else { "Welcome back! How can I help?" };
        let (pushes, _) = broadcast::channel(64);
        let (participant_id, transcript) = (participant.clone(), Vec::new());
        let mut contact = Contact { participant: participant_id, past, transcript, has_ended: false, last: 0, pushes };
        contact.add(&number, "AGENT", JOINED, None);
        contact.add(&number, "AGENT", MESSAGE, Some(greeting));
        kept.contacts.insert(number.clone(), contact);
        kept.participants.insert(token.clone(), number.clone());
        let result = json!({ "ContactId": number, "ParticipantId": participant, "ParticipantToken": token });
        Ok(Json(json!({ "data": { "startChatResult": result } })))
    })
}

async fn ask(
    State(service): State<Participants>,
    Path(action): Path<String>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Result<Json<Value>, Refusal> {
    let token = headers.get("x-amz-bearer").and_then(|token| token.to_str().ok()).unwrap_or_default();
    service.with(|kept| {
        kept.note(&format!("/participant/{action}"), &body);
        if action == "connection" {
            return connection(kept, token, &service.sockets);
        }
        let (number, contact) = kept.connected(token)?;
        let text = |key: &str| body.get(key).and_then(Value::as_str).unwrap_or_default();
        let done = |item: &Value| json!({ "Id": item.get("Id"), "AbsoluteTime": item.get("AbsoluteTime") });
        Ok(Json(match action.as_str() {
            "transcript" => contact.page(&body)?,
            "message" => {
                let said = text("Content");
                let is_short = (1..=LIMITS.3).contains(&said.chars().count());
                if text("ContentType") != MESSAGE || !is_short || contact.transcript.len() >= LIMITS.2 {
                    return Err(Refusal::INVALID);
                }
                let item = contact.add(&number, "CUSTOMER", MESSAGE, Some(said));
                contact.answer(&number, said);
                done(&item)
            }
            // Typing and receipts are of no interest to an agent like this one.
            "event" => json!({ "Id": Uuid::new_v4(), "AbsoluteTime": time_of(now()) }),
            "disconnect" => {
                contact.end(&number);
                json!({})
            }
            _ => return Err(Refusal::INVALID),
        }))
    })
}

fn connection(kept: &mut Kept, participant_token: &str, sockets: &str) -> Result<Json<Value>, Refusal> {
    let (times, status) = &mut kept.tests.failures;
    if *times > 0 {
        *times -= 1;
        return Err(match StatusCode::from_u16(*status) {
            Ok(StatusCode::TOO_MANY_REQUESTS) => Refusal::THROTTLED,
            status => Refusal(status.unwrap_or_default(), "InternalServerException", "Nothing works today."),
        });
    }
    let number = kept.participants.get(participant_token).cloned().ok_or(Refusal::DENIED)?;
    kept.contact(&number)?;
    if kept.connections.len() >= LIMITS.1 {
        return Err(Refusal::THROTTLED);
    }
    let (ticket, token) = (random(), random());
    let good = |lifetime| Good { contact: number.clone(), until: Instant::now() + lifetime };
    kept.sockets.insert(ticket.clone(), good(LIFETIMES.0));
    kept.connections.insert(token.clone(), good(LIFETIMES.1));
    kept.tests.connection_tokens.push(token.clone());
    Ok(Json(json!({
        "Websocket": {
            "Url": format!("{sockets}/participant/socket?ticket={ticket}"),
            "ConnectionExpiry": time_in(LIFETIMES.0),
        },
        "ConnectionCredentials": { "ConnectionToken": token, "Expiry": time_in(LIFETIMES.1) },
    })))
}

async fn socket(
    State(service): State<Participants>,
    Query(Ticket { ticket }): Query<Ticket>,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Refusal> {
    let pushes = service.with(|kept| {
        let good = kept.sockets.remove(&ticket).filter(|good| good.until > Instant::now()).ok_or(Refusal::DENIED)?;
        Ok(kept.contact(&good.contact)?.pushes.subscribe())
    })?;
    Ok(upgrade.on_upgrade(|socket| talk(socket, pushes)))
}

/// Until either side hangs up.
async fn talk(mut socket: WebSocket, mut pushes: broadcast::Receiver<Push>) {
    let mut is_subscribed = false;
    loop {
        let reply = tokio::select! {
            received = socket.recv() => match received {
                Some(Ok(Message::Text(text))) => {
                    let asked: Value = serde_json::from_str(&text).unwrap_or_default();
                    match asked.get("topic").and_then(Value::as_str) {
                        Some("aws/subscribe") => {
                            is_subscribed = true;
                            let topics = asked.pointer("/content/topics");
                            json!({ "topic": "aws/subscribe", "content": { "status": "success", "topics": topics } })
                        }
                        Some("aws/heartbeat") => json!({ "topic": "aws/heartbeat" }),
                        Some("aws/ping") => json!({ "topic": "aws/ping", "statusCode": 200, "statusContent": "OK" }),
                        _ => json!({ "message": "Forbidden" }),
                    }
                }
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                Some(Ok(_)) => continue,
            },
            pushed = pushes.recv() => match pushed {
                Ok(Push::Item(item)) if is_subscribed => {
                    json!({ "topic": "aws/chat", "contentType": "application/json", "content": item.to_string() })
                }
                Ok(Push::Item(_)) => continue,
                Ok(Push::Cut) | Err(_) => return,
            },
        };
        if socket.send(Message::Text(reply.to_string().into())).await.is_err() {
            return;
        }
    }
}

async fn seen(State(service): State<Participants>) -> Json<Value> {
    Json(service.with(|kept| {
        // The contacts that go on, and the sockets of each.
        let open = kept.open().map(|(number, contact)| (number.clone(), contact.pushes.receiver_count()));
        let open: HashMap<String, usize> = open.collect();
        json!({ "open": open, "seen": kept.tests })
    }))
}

/// So many of the next connections fail.
async fn fail(State(service): State<Participants>, Json(Failures { times, status }): Json<Failures>) {
    service.with(|kept| kept.tests.failures = (times, status));
}

/// Cuts all sockets.
async fn cut(State(service): State<Participants>) {
    service.with(|kept| kept.open().for_each(|(_, contact)| drop(contact.pushes.send(Push::Cut))));
}

/// The agent says something, in every contact.
async fn say(State(service): State<Participants>, Json(Said { text }): Json<Said>) {
    service.with(|kept| {
        kept.open().for_each(|(number, contact)| drop(contact.add(number, "AGENT", MESSAGE, Some(&text))))
    });
}

/// The agent ends every contact.
async fn end(State(service): State<Participants>) {
    service.with(|kept| kept.open().for_each(|(number, contact)| contact.end(number)));
}

/// A number or a token that nobody can guess.
fn random() -> String {
    Uuid::new_v4().to_string()
}

/// Milliseconds.
fn now() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or_default()
}

fn time_in(lifetime: Duration) -> String {
    time_of(now() + u64::try_from(lifetime.as_millis()).unwrap_or_default())
}

/// As the service writes it: always with three digits after the second, so that times compare as text.
fn time_of(milliseconds: u64) -> String {
    let seconds = i64::try_from(milliseconds / 1000).unwrap_or_default();
    let whole = OffsetDateTime::from_unix_timestamp(seconds).ok().and_then(|time| time.format(&Rfc3339).ok());
    format!("{}.{:03}Z", whole.unwrap_or_default().trim_end_matches('Z'), milliseconds % 1000)
}
