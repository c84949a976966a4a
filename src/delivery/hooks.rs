//! Calls the web services that lists' owners registered.

use std::time::Duration;

use chrono_tz::Tz;

use super::calls::Outbound;
use super::web_service;
use crate::config::Settings;
use crate::domain::cx::Ctx;
use crate::domain::workload::{self, HookCall, Job, Setback, WorkError};
use crate::model::states::JobKind;
use crate::outgoing::{Client, OutgoingError};

impl Outbound for HookCall {
    const NAME: &'static str = "hooks";
    const KIND: JobKind = JobKind::ListHook;

    fn claim(cx: &mut Ctx<'_>, n: i64, lease: Duration) -> Result<Vec<Self>, WorkError> {
        workload::claim_hook_calls(cx, n, lease)
    }

    fn job(&self) -> &Job {
        &self.job
    }

    fn url(&self) -> &str {
        &self.hook.url
    }

    fn set_back(&self, cx: &mut Ctx<'_>, setback: &Setback) -> Result<(), WorkError> {
        workload::set_back_hook(cx, self, setback)
    }

    async fn post(&self, client: &Client, settings: &Settings) -> Result<u16, OutgoingError> {
        let zone = settings.oempro.time_zone.parse().unwrap_or(Tz::UTC);
        let data = web_service::document(self, zone);
        client.post_form(&self.hook.url, &[("WebServiceData", &data)]).await
    }
}
