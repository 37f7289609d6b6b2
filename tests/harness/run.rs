use std::panic::{AssertUnwindSafe, resume_unwind};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::Result;
use futures::FutureExt;
use tokio::runtime::Runtime;

use crate::browser::Browser;
use crate::configuration::{Configuration, Surface};
use crate::engine::{self, Engine};
use crate::evidence;
use crate::length::{self, Length};
use crate::sites::Server;
use crate::world::World;

/// How long a scenario may take before it counts as stuck.
const LIMIT: Duration = Duration::from_secs(240);

/// What all scenarios run on. Its threads live as long as the process, and so do the drivers that they start.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("a runtime")
});

/// How many scenarios are running.
static RUNNING: AtomicUsize = AtomicUsize::new(0);

/// Runs a scenario in each engine, with third-party cookies allowed.
pub fn everywhere(act: impl AsyncFn(&World)) {
    in_each(Configuration::ALLOWING, act);
}

/// Runs a scenario in each engine, with third-party cookies allowed: at full length in one engine, because its length does not depend on
/// the engine, and short in the others. `cargo xtask soak` runs it at full length in all.
pub fn everywhere_but_long_in(engine: Engine, act: impl AsyncFn(&World, Length)) {
    let with_length = |configuration| (configuration, Length::but_full_in(engine, configuration));
    in_each_with(Configuration::ALLOWING.map(with_length), act);
}

/// Runs a scenario in one engine, with third-party cookies allowed, because it holds what is alike in each: how an adapter translates between a chat and the
/// provider, what a core or the bridge server decides. `cargo xtask soak` and `cargo xtask scenario` run it in each.
pub fn everywhere_in_a_soak_and_else_in(engine: Engine, act: impl AsyncFn(&World)) {
    in_each_in_a_soak_and_else_in(engine, Configuration::ALLOWING, act);
}

/// As `everywhere_in_a_soak_and_else_in`, in those of these configurations that are of the engine.
pub fn in_each_in_a_soak_and_else_in(
    engine: Engine,
    configurations: impl IntoIterator<Item = Configuration>,
    act: impl AsyncFn(&World),
) {
    let is_wanted = |configuration: &Configuration| length::is_alike_everywhere() || configuration.engine() == engine;
    in_each(configurations.into_iter().filter(is_wanted), act);
}

/// Runs a scenario in one configuration.
pub fn scenario(configuration: Configuration, act: impl AsyncFn(&World)) {
    in_each([configuration], act);
}

/// Runs a scenario in each of these configurations. The browser may have run others before; the sites are the scenario's own, so it has
/// seen nothing of them. If the scenario fails, its evidence is in `target/end-to-end/`.
pub fn in_each(configurations: impl IntoIterator<Item = Configuration>, act: impl AsyncFn(&World)) {
    in_each_with(configurations.into_iter().map(|configuration| (configuration, ())), async |world, ()| {
        act(world).await
    });
}

/// As `in_each`, with a value for each configuration.
pub fn in_each_with<T>(cases: impl IntoIterator<Item = (Configuration, T)>, act: impl AsyncFn(&World, T)) {
    for (configuration, value) in engine::chosen(cases) {
        run(configuration, Browser::take(configuration), Browser::give_back, async |world| act(world, value).await);
    }
}

/// Runs a scenario in each of these configurations, in a browser with a window on a screen of its own, which no scenario uses before or after it. There
/// the browser shows its own prompts, and a visitor can answer them.
pub fn in_each_with_window(configurations: impl IntoIterator<Item = Configuration>, act: impl AsyncFn(&World)) {
    for (configuration, ()) in engine::chosen(configurations.into_iter().map(|configuration| (configuration, ()))) {
        run(configuration, Browser::start(configuration, Surface::Screen), Browser::close, &act);
    }
}

/// Runs a part of a scenario in the first of these configurations that is of the chosen engine, in a browser that no scenario uses
/// before or after it.
pub fn in_another_browser(configurations: impl IntoIterator<Item = Configuration>, act: impl AsyncFn(&World)) {
    let chosen = engine::chosen(configurations.into_iter().map(|configuration| (configuration, ())));
    if let Some((configuration, ())) = chosen.first() {
        run(*configuration, Browser::start(*configuration, Surface::Headless), Browser::close, &act);
    }
}

/// The name of the scenario that this thread runs: libtest gives each test a thread with its name.
pub(crate) fn name() -> String {
    std::thread::current().name().unwrap_or("scenario").to_owned()
}

fn run(
    configuration: Configuration,
    browser: impl Future<Output = Result<Browser>>,
    leave: impl AsyncFnOnce(Browser),
    act: impl AsyncFnOnce(&World),
) {
    // Seen only if the test fails.
    println!("in {configuration:?}");
    RUNNING.fetch_add(1, Ordering::Relaxed);
    let outcome = RUNTIME.block_on(async {
        let server = Server::start().await.expect("the sites' server starts");
        let browser = browser.await.expect("the browser starts");
        let world = World { browser, server };
        // Not the time in which the browser started, or another scenario used it.
        let start = Instant::now();
        // A driver that hangs must not hold up the others.
        let limited = async {
            let done = tokio::time::timeout(LIMIT, act(&world)).await;
            done.unwrap_or_else(|_| panic!("{configuration:?}: not done after {} s", LIMIT.as_secs()));
        };
        let outcome = AssertUnwindSafe(limited).catch_unwind().await;
        evidence::record_time(&name(), configuration, start.elapsed());
        if let Err(panic) = &outcome {
            evidence::record_failure(&name(), configuration, panic.as_ref());
            let _ = tokio::time::timeout(LIMIT, world.keep_evidence()).await;
            let _ = tokio::time::timeout(LIMIT, world.browser.close()).await;
        } else {
            leave(world.browser).await;
        }
        outcome
    });
    if RUNNING.fetch_sub(1, Ordering::Relaxed) == 1 {
        // libtest does not mark the last scenario. If another one begins, it does so now.
        std::thread::sleep(Duration::from_millis(100));
        if RUNNING.load(Ordering::Relaxed) == 0 {
            RUNTIME.block_on(Browser::close_idle());
        }
    }
    if let Err(panic) = outcome {
        resume_unwind(panic);
    }
}
