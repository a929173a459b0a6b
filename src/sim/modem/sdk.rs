//! The Alipay SDK inside the module: its state, and what it does by itself.

use std::collections::{HashMap, VecDeque};
use std::time::Instant;

use super::{Event, Modem, ModemConfig, ModemSettings, ReportedTrade};

/// The SDK's state.
#[derive(Debug)]
pub(super) struct Sdk {
    pub(super) life: Life,
    /// In the NVM.
    pub(super) config: Option<ModemConfig>,
    /// In the NVM, until the configuration changes.
    pub(super) biz_tid: Option<String>,
    /// When the cloud will answer with a bizTid, if it was asked.
    identified_at: Option<Instant>,
    /// Held by the module; those marked `in_ram` do not survive a reset.
    pub(super) queue: VecDeque<ReportedTrade>,
    /// What has reached the cloud.
    pub(super) delivered: Vec<ReportedTrade>,
    /// The queue refuses every record, however few it holds.
    pub(super) queue_blocked: bool,
    /// Whether a delivery is on its way.
    draining: bool,
    /// The codes that the next results are to carry, by prefix.
    forced: HashMap<String, i32>,
    pub(super) human_verify: Option<u32>,
    pub(super) broadcasts: u64,
    pub(super) scans: u64,
}

/// How far AT+ALIPAYOPEN and AT+ALIPAYSHUT have come since the boot.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Life {
    Closed,
    Opening,
    Open,
    Failed,
    Shut,
}

impl Sdk {
    pub(super) fn new(settings: &ModemSettings) -> Self {
        Self {
            life: Life::Closed,
            config: settings.config.clone(),
            biz_tid: None,
            identified_at: None,
            queue: VecDeque::new(),
            delivered: Vec::new(),
            queue_blocked: false,
            draining: false,
            forced: HashMap::new(),
            human_verify: None,
            broadcasts: 0,
            scans: 0,
        }
    }

    /// A reset closes the SDK; records that only the RAM held are lost.
    pub(super) fn reset(&mut self) {
        self.life = Life::Closed;
        self.identified_at = None;
        self.queue.retain(|report| !report.in_ram);
        self.draining = false;
        self.human_verify = None;
    }

    /// Takes a configuration. One that differs in anything wipes the cache (Quectel M26 Alipay SDK
    /// guide V1.0, 3.1, note 4).
    pub(super) fn configure(&mut self, config: ModemConfig) {
        if self.config.as_ref() != Some(&config) {
            self.config = Some(config);
            self.biz_tid = None;
            self.identified_at = None;
            self.queue.clear();
        }
    }

    pub(super) fn force(&mut self, prefix: &str, code: i32) {
        self.forced.insert(prefix.to_owned(), code);
    }

    /// The code ordered for the next result with this prefix.
    pub(super) fn forced(&mut self, prefix: &str) -> Option<i32> {
        self.forced.remove(prefix)
    }
}

impl Modem {
    /// AT+ALIPAYOPEN has ended.
    pub(super) fn opened(&mut self, at: Instant, code: i32) {
        self.sdk.life = if code < 0 { Life::Failed } else { Life::Open };
        self.urc(&format!("+ALIPAYOPEN: {code}"));
        self.reach_cloud(at);
    }

    fn is_online(&self) -> bool {
        self.sdk.life == Life::Open && self.network.packet().is_registered()
    }

    /// Continues what waited for the cloud, if the cloud can be reached now.
    pub(super) fn reach_cloud(&mut self, at: Instant) {
        if !self.is_online() {
            return;
        }
        if self.sdk.biz_tid.is_none() && self.sdk.identified_at.is_none() {
            let identified_at = at + self.settings.biz_tid_after;
            self.sdk.identified_at = Some(identified_at);
            self.timeline.add(identified_at, Event::Identified);
        }
        if !self.sdk.draining && !self.sdk.queue.is_empty() {
            self.sdk.draining = true;
            self.timeline.add(at + self.settings.drain_every, Event::Drain);
        }
    }

    /// The cloud has answered, unless the question was dropped meanwhile.
    pub(super) fn identified(&mut self, at: Instant) {
        if self.sdk.identified_at != Some(at) {
            return;
        }
        self.sdk.identified_at = None;
        if self.is_online() {
            self.sdk.biz_tid = Some(self.settings.biz_tid.clone());
        }
    }

    pub(super) fn drain(&mut self, at: Instant) {
        self.sdk.draining = false;
        if self.is_online() {
            self.sdk.delivered.extend(self.sdk.queue.pop_front());
            self.reach_cloud(at);
        }
    }

    /// The configuration in the NVM.
    pub fn config(&self) -> Option<&ModemConfig> {
        self.sdk.config.as_ref()
    }

    /// The bizTid, once the cloud has given it.
    pub fn biz_tid(&self) -> Option<&str> {
        self.sdk.biz_tid.as_deref()
    }

    /// Whether the SDK is open.
    pub fn is_open(&self) -> bool {
        self.sdk.life == Life::Open
    }

    /// The reports that have reached the cloud, oldest first.
    pub fn delivered(&self) -> &[ReportedTrade] {
        &self.sdk.delivered
    }

    /// The reports that the module holds, oldest first.
    pub fn queued(&self) -> impl Iterator<Item = &ReportedTrade> {
        self.sdk.queue.iter()
    }

    /// What AT+ALIPAYPINFO has reported since the boot.
    pub fn human_verify(&self) -> Option<u32> {
        self.sdk.human_verify
    }

    /// The broadcasts and scans that AT+ALIPAYACT has reported, summed up.
    pub fn usage(&self) -> (u64, u64) {
        (self.sdk.broadcasts, self.sdk.scans)
    }
}
