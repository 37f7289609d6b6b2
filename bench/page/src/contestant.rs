/// Something that brings a session from one site to another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Contestant {
    /// As its package is called. Its pages are in a folder of this name, of `peers/` and of each site.
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    /// Whether its sessions are in `localStorage`, and not in cookies.
    pub(crate) uses_local_storage: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// What is built here.
    Ours,
    /// A package that others may choose instead.
    Package,
    /// The least that works.
    Floor,
}

/// They take turns in this order.
pub(crate) const CONTESTANTS: [Contestant; 6] = [
    Contestant { name: "cookie-bridge", kind: Kind::Ours, uses_local_storage: false },
    Contestant { name: "penpal", kind: Kind::Package, uses_local_storage: false },
    Contestant { name: "cross-storage", kind: Kind::Package, uses_local_storage: true },
    Contestant { name: "cross-domain-storage", kind: Kind::Package, uses_local_storage: true },
    Contestant { name: "iframe-shared-storage", kind: Kind::Package, uses_local_storage: true },
    Contestant { name: "echo", kind: Kind::Floor, uses_local_storage: false },
];

/// The first one.
pub(crate) const OURS: Contestant = {
    let [ours, ..] = CONTESTANTS;
    ours
};

/// The last one.
pub(crate) const FLOOR: Contestant = {
    let [.., floor] = CONTESTANTS;
    floor
};

impl Contestant {
    /// The page that its host pages embed.
    pub(crate) fn embedded(self) -> &'static str {
        if self.kind == Kind::Ours { "iframe.html" } else { "hub.html" }
    }

    /// The path of one of its files, on every site.
    pub(crate) fn path(self, file: &str) -> String {
        format!("/{}/{file}", self.name)
    }
}
