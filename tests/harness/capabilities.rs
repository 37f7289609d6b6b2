//! What a driver is asked for, so that its browser is in a configuration.

use std::path::Path;

use fantoccini::wd::Capabilities;
use serde_json::{Value, json};

use crate::configuration::{Configuration, Surface};
use crate::engine::Engine;

/// Chromium's arguments in every configuration.
pub(crate) const CHROMIUM: [&str; 10] = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-proxy-server",
    "--window-size=1280,900",
    "--window-position=0,0",
];

impl Configuration {
    /// With further arguments, which only Chromium gets.
    pub(crate) fn capabilities(self, surface: Surface, profile: &Path, arguments: &[String]) -> Capabilities {
        let special = match self.engine() {
            Engine::Chromium => self.chromium(surface, profile, arguments),
            Engine::Firefox => self.firefox(surface),
            Engine::Webkit => self.webkit(),
        };
        let common = json!({
            "acceptInsecureCerts": true,
            "unhandledPromptBehavior": "ignore",
        });
        [common, special].iter().filter_map(Value::as_object).flatten().map(|(k, v)| (k.clone(), v.clone())).collect()
    }

    fn chromium(self, surface: Surface, profile: &Path, more: &[String]) -> Value {
        let mut arguments: Vec<String> = CHROMIUM.map(str::to_owned).into_iter().chain(more.iter().cloned()).collect();
        if surface == Surface::Headless {
            arguments.push("--headless=new".to_owned());
        }
        arguments.push(format!("--user-data-dir={}", profile.join("chromium").display()));
        let preferences = match self {
            // Debian's build blocks by default and others allow, so the default is never used.
            Self::ChromiumAllow => json!({ "profile.cookie_controls_mode": 0 }),
            Self::ChromiumBlock => json!({ "profile.cookie_controls_mode": 1 }),
            Self::ChromiumBlockAll => json!({ "profile.default_content_setting_values.cookies": 2 }),
            _ => {
                arguments.push("--incognito".to_owned());
                json!({})
            }
        };
        json!({
            "browserName": "chrome",
            "goog:loggingPrefs": { "browser": "ALL" },
            // Drivers switch the popup blocker off, and visitors do not.
            "goog:chromeOptions": {
                "args": arguments, "prefs": preferences, "excludeSwitches": ["disable-popup-blocking"],
            },
        })
    }

    fn firefox(self, surface: Surface) -> Value {
        let preference = match self {
            Self::FirefoxStrict => json!({ "browser.contentblocking.category": "strict" }),
            Self::FirefoxPrivate => json!({ "browser.privatebrowsing.autostart": true }),
            Self::FirefoxBlock => json!({ "network.cookie.cookieBehavior": 1 }),
            Self::FirefoxAllow => json!({ "network.cookie.cookieBehavior": 0 }),
            Self::FirefoxNoStorageAccess => json!({ "dom.storage_access.enabled": false }),
            _ => json!({}),
        };
        // The console goes to the driver's log.
        let mut preferences = json!({
            "network.proxy.type": 0,
            "devtools.console.stdout.content": true,
            // Drivers switch the popup blocker off, and visitors do not.
            "dom.disable_open_during_load": true,
            // A process for each page that may be opened next would cost more than it saves.
            "dom.ipc.processPrelaunch.enabled": false,
        });
        if let (Some(all), Some(more)) = (preferences.as_object_mut(), preference.as_object()) {
            all.extend(more.clone());
        }
        let arguments = match surface {
            Surface::Headless => json!(["-headless"]),
            Surface::Screen => json!(["-width", "1280", "-height", "900"]),
        };
        json!({
            "browserName": "firefox",
            "moz:firefoxOptions": { "args": arguments, "prefs": preferences },
        })
    }

    fn webkit(self) -> Value {
        // The console goes to the driver's log.
        let mut arguments = vec!["--automation", "--enable-write-console-messages-to-stdout=true"];
        match self {
            Self::WebkitAllow => arguments.push("--cookies-policy=always"),
            Self::WebkitItp => arguments.push("--enable-itp"),
            _ => {}
        }
        let binary = format!("/usr/lib/{}-linux-gnu/webkit2gtk-4.1/MiniBrowser", std::env::consts::ARCH);
        json!({ "webkitgtk:browserOptions": { "binary": binary, "args": arguments } })
    }
}
