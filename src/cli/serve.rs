//! `understudy serve`: the server. On an empty database it makes a first operator and account and prints how to call it.

use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};

use anyhow::Context;
use serde_json::json;

use super::Common;
use super::first_calls::{self, Caller};
use super::shown::Shown;
use super::work::{as_system, origin};
use crate::config::masked::masked_url;
use crate::config::{Settings, private_files};
use crate::domain::core::Core;
use crate::domain::first_run::{self, FirstRunError, Made};
use crate::domain::secrets::new_password;
use crate::{app, telemetry};

/// Flags of `serve`.
#[derive(Debug, Default, clap::Args)]
pub struct Serve {
    /// Address and port to listen on; port 0 for any free one.
    #[arg(long, value_name = "ADDR:PORT")]
    listen: Option<String>,
}

/// What the first start made, with the secrets that are shown once.
struct FirstRun {
    made: Made,
    operator_password: String,
    account_password: String,
}

impl Serve {
    pub fn run(self, common: &Common) -> anyhow::Result<Shown> {
        let flags: Vec<_> = self.listen.map(|listen| ("server.listen", listen)).into_iter().collect();
        let mut settings = common.settings(&flags)?;
        telemetry::logging::start(&settings.log);
        let listener = TcpListener::bind(&settings.server.listen)
            .with_context(|| format!("cannot listen on {}", settings.server.listen))?;
        settings.server.listen = listener.local_addr()?.to_string();
        let folder = &settings.server.data;
        private_files::make_private_folder(folder)
            .with_context(|| format!("cannot make folder {}", folder.display()))?;
        let core = app::open_core(settings)?;
        let json = common.json;
        actix_web::rt::System::new().block_on(async move {
            let served = serve(&core, listener, json).await;
            core.close().await;
            served.map(|()| Shown::nothing())
        })
    }
}

/// Serves until SIGTERM or Ctrl-C, then lets running calls end.
async fn serve(core: &Core, listener: TcpListener, json: bool) -> anyhow::Result<()> {
    let first = first_run(core).await.context("cannot make the first operator and account")?;
    let running = app::serve(core.clone(), listener)?;
    welcome(core.settings(), running.address, first.as_ref()).print(json)?;
    drop(first);
    tracing::info!(address = %running.address, "serving on http://{}", running.address);
    let ended = running.server.await;
    running.workers.stop().await;
    ended?;
    tracing::info!("stopped");
    Ok(())
}

/// Fills an empty database. `None` when there was something in it, or when another process was first.
async fn first_run(core: &Core) -> anyhow::Result<Option<FirstRun>> {
    if !core.read(origin(), |cx| Ok::<_, anyhow::Error>(first_run::is_needed(cx)?)).await? {
        return Ok(None);
    }
    let (operator_password, account_password) = (new_password(), new_password());
    let hashes = [&operator_password, &account_password].map(|password| core.verifier().hash(password));
    let made = core.write(origin(), move |cx| {
        let [operator, account] = hashes;
        as_system(cx, |cx| match first_run::fill(cx, operator, account) {
            Ok(made) => Ok(Some(made)),
            Err(FirstRunError::NotEmpty) => Ok(None),
            Err(error) => Err(error.into()),
        })
    });
    Ok(made.await?.map(|made| FirstRun { made, operator_password, account_password }))
}

/// Where everything is, and after a first start also its secrets and calls to paste.
fn welcome(settings: &Settings, address: SocketAddr, first: Option<&FirstRun>) -> Shown {
    let base = format!("http://{}", reachable(address));
    let api = format!("{base}/api.php");
    let services = format!("{base}{}", settings.ofsys.base_path);
    let database = masked_url(&settings.database_url());
    let outbox = settings.outbox().display().to_string();
    let mut json = json!({
        "version": env!("CARGO_PKG_VERSION"),
        "address": base,
        "listen": address.to_string(),
        "public_url": settings.public_url(),
        "health": format!("{base}/healthz"),
        "api": settings.oempro.enabled.then_some(&api),
        "web_services": settings.ofsys.enabled.then_some(&services),
        "database": database,
        "data": settings.server.data.display().to_string(),
        "outbox": outbox,
        "first_run": null,
    });
    let mut text = format!("Understudy {} serves on {base}\n", env!("CARGO_PKG_VERSION"));
    if settings.oempro.enabled {
        text.push_str(&format!("  Oempro API  {api}\n"));
    }
    if settings.ofsys.enabled {
        text.push_str(&format!(
            "  Ofsys SOAP  {services}/soap?wsdl\n  Ofsys JSON  {services}/ofc4/contacts.ashx?method=…\n"
        ));
    }
    text.push_str(&format!("  health      {base}/healthz\n  database    {database}\n  mail        kept in {outbox}"));
    if let Some(first) = first {
        let caller = Caller {
            api: &api,
            username: first_run::ACCOUNT_NAME,
            password: &first.account_password,
            api_key: &first.made.api_key,
            services: &services,
            with: &first.made.services,
        };
        let mut calls = Vec::new();
        if settings.oempro.enabled {
            calls.extend(first_calls::of_oempro(&caller));
        }
        if settings.ofsys.enabled {
            calls.extend(first_calls::of_ofsys(&caller));
        }
        json["first_run"] = json!({
            "operator_id": first.made.operator.0,
            "operator_username": first_run::OPERATOR_NAME,
            "operator_password": first.operator_password,
            "user_group_id": first.made.group.0,
            "account_id": first.made.account.0,
            "account_username": first_run::ACCOUNT_NAME,
            "account_password": first.account_password,
            "api_key": first.made.api_key,
            "project_id": first.made.services.project.0,
            "message_id": first.made.services.message.0,
            "key_id": first.made.services.key.id.0,
            "key": first.made.services.key.secret,
            "calls": first_calls::as_json(&calls),
        });
        text.push_str(&introduction(first, &calls));
    }
    Shown::new(json, text)
}

fn introduction(first: &FirstRun, calls: &[first_calls::FirstCall]) -> String {
    let mut text = format!(
        "\n\nThe database was empty. An operator and an account were made; their secrets are shown this once:\n  \
         operator  {:<6} password {}\n  account   {:<6} password {}  API key {}\n  project   {:<6} idKey {}  Key {}\n",
        first_run::OPERATOR_NAME,
        first.operator_password,
        first_run::ACCOUNT_NAME,
        first.account_password,
        first.made.api_key,
        first.made.services.project,
        first.made.services.key.id,
        first.made.services.key.secret,
    );
    for call in calls {
        // Writing to a String cannot fail.
        let _ = write!(text, "\n# {}\n{}\n", call.purpose, call.line);
    }
    text
}

/// An address that this machine can call: a listener on all addresses is reached over loopback.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_starts_show_no_secrets() {
        let settings = Settings::default();
        let address: SocketAddr = "0.0.0.0:81".parse().expect("address");
        let first = FirstRun {
            made: Made {
                operator: crate::model::ids::OperatorId(1),
                group: crate::model::ids::UserGroupId(2),
                account: crate::model::ids::AccountId(3),
                api_key: "k-e-y".to_owned(),
                services: crate::domain::first_run::Services {
                    project: crate::model::ids::ListId(4),
                    message: crate::model::ids::MessageId(5),
                    key: crate::domain::keys::Issued {
                        id: crate::model::ids::CredentialId(6),
                        secret: "k3y".to_owned(),
                    },
                },
            },
            operator_password: "opensesame".to_owned(),
            account_password: "it's".to_owned(),
        };
        let shown = format!("{:?}", welcome(&settings, address, Some(&first)));
        assert!(shown.contains("opensesame") && shown.contains("http://127.0.0.1:81/api.php"), "{shown}");
        let shown = format!("{:?}", welcome(&settings, address, None));
        assert!(!shown.contains("password") && shown.contains("understudy.db"), "{shown}");
    }
}
