use serde_json::{Value, json};
use tokio::sync::broadcast;
use uuid::Uuid;

use super::clock::{now, time_of};
use super::refusal::Refusal;

/// The content type of a message.
pub(super) const MESSAGE: &str = "text/plain";
const JOINED: &str = "application/vnd.amazonaws.connect.event.participant.joined";
const ENDED: &str = "application/vnd.amazonaws.connect.event.chat.ended";

/// The most items in one answer. The service's own limit is 100; with so few, a client that does not turn the pages fails.
const PAGE: usize = 4;

/// A conversation.
pub(super) struct Contact {
    id: String,
    /// The visitor's id in it.
    participant: String,
    /// The items of the contacts that this one continues.
    past: Vec<Value>,
    transcript: Vec<Value>,
    has_ended: bool,
    /// When its last item was made.
    last: u64,
    pushes: broadcast::Sender<Push>,
}

/// What an open socket is sent.
#[derive(Clone)]
pub(super) enum Push {
    Item(Value),
    /// The connection is cut.
    Cut,
}

impl Contact {
    /// A contact that the agent has joined and opened with a greeting.
    pub(super) fn begin(id: String, participant: String, past: Vec<Value>) -> Self {
        let greeting =
            if past.is_empty() { "Hello, this is Maja. How can I help?" } else { "Welcome back! How can I help?" };
        let (pushes, _) = broadcast::channel(64);
        let mut contact = Self { id, participant, past, transcript: Vec::new(), has_ended: false, last: 0, pushes };
        contact.add("AGENT", JOINED, None);
        contact.agent_says(greeting);
        contact
    }

    pub(super) fn has_ended(&self) -> bool {
        self.has_ended
    }

    /// How many items it has itself.
    pub(super) fn items(&self) -> usize {
        self.transcript.len()
    }

    /// What a contact that continues this one begins with, with or without what this one continues.
    pub(super) fn history(&self, is_entire: bool) -> Vec<Value> {
        let past = if is_entire { self.past.as_slice() } else { &[] };
        past.iter().chain(&self.transcript).cloned().collect()
    }

    pub(super) fn subscribe(&self) -> broadcast::Receiver<Push> {
        self.pushes.subscribe()
    }

    /// How many sockets are open.
    pub(super) fn sockets(&self) -> usize {
        self.pushes.receiver_count()
    }

    /// Cuts all its sockets.
    pub(super) fn cut(&self) {
        // It has no receiver if no socket is open.
        let _ = self.pushes.send(Push::Cut);
    }

    /// Adds a message of the visitor's and the agent's answer. Returns the visitor's item.
    pub(super) fn visitor_says(&mut self, text: &str) -> Value {
        let item = self.add("CUSTOMER", MESSAGE, Some(text));
        let messages = self.transcript.iter().filter(|item| item.get("ContentType") == Some(&json!(MESSAGE))).count();
        self.agent_says(match messages {
            _ if text == "bye" => "Thank you for your visit. Goodbye!",
            0..=2 => "Let me look that up for you. Do look around meanwhile.",
            3..=4 => "Good news: it is in stock, and ships tomorrow.",
            _ => "Of course. Is there anything else?",
        });
        if text == "bye" {
            self.end();
        }
        item
    }

    pub(super) fn agent_says(&mut self, text: &str) {
        self.add("AGENT", MESSAGE, Some(text));
    }

    pub(super) fn end(&mut self) {
        self.add("SYSTEM", ENDED, None);
        self.has_ended = true;
    }

    /// Adds an item and pushes it.
    fn add(&mut self, role: &str, content_type: &str, content: Option<&str>) -> Value {
        // Items are ordered by time, and several may be made in one millisecond.
        self.last = now().max(self.last + 1);
        let item = json!({
            "Id": Uuid::new_v4(),
            "AbsoluteTime": time_of(self.last),
            "ContactId": self.id,
            "InitialContactId": self.id,
            "Type": if content_type == MESSAGE { "MESSAGE" } else { "EVENT" },
            "ContentType": content_type,
            "Content": content,
            "ParticipantRole": role,
            "ParticipantId": if role == "CUSTOMER" { &self.participant } else { "agent" },
            "DisplayName": if role == "CUSTOMER" { "Customer" } else { "Maja" },
        });
        self.transcript.push(item.clone());
        // It has no receiver if no socket is open.
        let _ = self.pushes.send(Push::Item(item.clone()));
        item
    }

    /// One page of the history, from its end backwards.
    pub(super) fn page(&self, asked: &Value) -> Result<Value, Refusal> {
        if asked.get("ScanDirection").is_some_and(|direction| direction != "BACKWARD") {
            return Err(Refusal::INVALID);
        }
        let all = self.history(true);
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
