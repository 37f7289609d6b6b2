use crate::words;

words! {
    /// The kind of a message.
    pub(super) enum Kind {
        Hello = "hello",
        Ready = "ready",
        Welcome = "welcome",
        Incompatible = "incompatible",
        Declined = "declined",
        Load = "load",
        Save = "save",
        Clear = "clear",
        Test = "test",
        Trusts = "trusts",
        HandsOver = "hands-over",
        Show = "show",
        Loaded = "loaded",
        Ended = "ended",
        Saved = "saved",
        Cleared = "cleared",
        Tested = "tested",
        Trusted = "trusted",
        MayHandOver = "may-hand-over",
        Shown = "shown",
        Failed = "failed",
        Decided = "decided",
        Asking = "asking",
        Seen = "seen",
        Changed = "changed",
    }
}
