//! What a long list costs: filling it by an import, then looking up, paging and counting, beside the same on a short one.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};

use super::client::Api;
use super::figures::{Times, against};
use super::load::address;
use super::program::Running;

/// Rows of a page.
const PAGE: u64 = 25;
/// How often each question is asked.
const N_ASKED: u64 = 200;

/// A filled list.
#[derive(Debug, Clone, Copy)]
pub struct Filled {
    /// Its id.
    pub list: i64,
    /// How many subscribe to it.
    pub n: u64,
}

/// Imports `n` lines into a fresh list and prints the rate and the server's memory.
///
/// # Errors
/// When not every line is imported.
pub async fn fill(server: &Running, api: &mut Api, n: u64) -> anyhow::Result<Filled> {
    let list = api.make_list(&format!("Of+{n}"), "Single").await?;
    let file = write_file(server, n)?;
    let before = server.memory()?;
    let started = Instant::now();
    let first = api
        .call(&format!("Command=Subscribers.Import&ListID={list}&ImportStep=1&ImportType=File&ImportFileName={file}"))
        .await?;
    let import = first["ImportID"].as_i64().with_context(|| format!("no ImportID: {first}"))?;
    let step = format!("Command=Subscribers.Import&ListID={list}&ImportStep=2&ImportID={import}");
    let done = api.call(&format!("{step}&MappedFields%5BFIELD1%5D=EmailAddress")).await?;
    let took = started.elapsed();
    ensure!(done["TotalImported"].as_u64() == Some(n), "{n} lines: {done}");
    let after = server.memory()?;
    let rate = n as f64 / took.as_secs_f64();
    println!(
        "  import of {n} lines: {:.1} s, {rate:.0} rows/s; memory before {:.1}, peak {:.1}, after {:.1} MiB",
        took.as_secs_f64(),
        before.now,
        after.peak,
        after.now
    );
    if n >= 1_000_000 {
        against("rows/s", rate, 50_000.0);
    }
    Ok(Filled { list, n })
}

/// Puts the lines where the account may import from; answers the file's name.
fn write_file(server: &Running, n: u64) -> anyhow::Result<String> {
    let data = server.told["data"].as_str().context("the server names no data folder")?;
    let account = server.told["first_run"]["account_id"].as_i64().context("no account id")?;
    let folder = Path::new(data).join("imports").join(account.to_string());
    std::fs::create_dir_all(&folder)?;
    let name = format!("of-{n}.csv");
    let mut out = std::io::BufWriter::new(std::fs::File::create(folder.join(&name))?);
    for number in 0..n {
        writeln!(out, "{}", address(number))?;
    }
    out.flush()?;
    Ok(name)
}

/// Asks the same of both lists and prints the times side by side.
///
/// # Errors
/// When a call fails or a page is not as long as it must be.
pub async fn compare(api: &mut Api, short: Filled, long: Filled) -> anyhow::Result<()> {
    println!("\n  {:<44} {:>19} {:>19}", "", short.n, long.n);
    println!("  {:<44} {:>9} {:>9} {:>9} {:>9}", "", "p50 ms", "p99 ms", "p50 ms", "p99 ms");
    for question in questions() {
        // The first far page of a list prepares the way for all later ones; its price is shown apart.
        let mut line = String::new();
        let mut firsts = [Duration::ZERO; 2];
        for (first, filled) in firsts.iter_mut().zip([short, long]) {
            let (once, times) = ask(api, &question, filled).await?;
            *first = once;
            write!(line, " {}", times.shown())?;
        }
        let [short_first, long_first] = firsts.map(|took| took.as_secs_f64() * 1000.0);
        println!("  {:<44}{line}   first call {short_first:.1} / {long_first:.1} ms", question.name);
    }
    Ok(())
}

/// Something asked of a list.
struct Question {
    name: String,
    /// The form, for a list and the number of this asking.
    form: Box<dyn Fn(Filled, u64) -> String>,
    /// How many rows the answer must have.
    n_rows: Option<u64>,
}

fn questions() -> Vec<Question> {
    let get = |filled: Filled, n: u64| {
        let email = address(n.wrapping_mul(104_729) % filled.n);
        format!("Command=Subscriber.Get&ListID={}&EmailAddress={email}", filled.list)
    };
    let mut all = vec![Question { name: "Subscriber.Get by address".to_owned(), form: Box::new(get), n_rows: None }];
    for order in ["EmailAddress", "SubscriptionDate"] {
        for direction in ["ASC", "DESC"] {
            for (place, share) in [("first", 0), ("middle", 500), ("last", 1000)] {
                all.push(page(order, direction, place, share));
            }
        }
    }
    let lists = |_: Filled, _: u64| "Command=Lists.Get".to_owned();
    all.push(Question { name: "Lists.Get".to_owned(), form: Box::new(lists), n_rows: None });
    all
}

/// A page that begins at this share of the list, in thousandths.
fn page(order: &'static str, direction: &'static str, place: &str, share: u64) -> Question {
    let form = move |filled: Filled, n: u64| {
        // Different pages, so that no single one stays at hand.
        let from = (filled.n * share / 1000).min(filled.n - PAGE * (n % 40 + 1));
        format!(
            "Command=Subscribers.Get&SubscriberListID={}&SubscriberSegment=Active&OrderField={order}\
             &OrderType={direction}&RecordsFrom={from}&RecordsPerRequest={PAGE}",
            filled.list
        )
    };
    let name = format!("Subscribers.Get {order} {direction}, {place}");
    Question { name, form: Box::new(form), n_rows: Some(PAGE) }
}

async fn ask(api: &mut Api, question: &Question, filled: Filled) -> anyhow::Result<(Duration, Times)> {
    let (mut first, mut times) = (Duration::ZERO, Vec::new());
    for n in 0..=N_ASKED {
        let form = (question.form)(filled, n);
        let (answer, took) = api.timed(&form).await?;
        ensure!(answer["Success"] == true, "{form}: {answer}");
        if let Some(n_rows) = question.n_rows {
            let n = answer["Subscribers"].as_array().map_or(0, Vec::len);
            ensure!(u64::try_from(n)? == n_rows, "{form}: {n} rows");
            ensure!(answer["TotalSubscribers"].as_u64() == Some(filled.n), "{form}: {}", answer["TotalSubscribers"]);
        }
        if n == 0 {
            first = took;
        } else {
            times.push(took);
        }
    }
    Ok((first, Times::of(&times)))
}
