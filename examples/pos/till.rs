//! What a till does, step by step.

use std::io::{self, Write as _};

use m26_pay::alipay::{
    BizTid, Config, Environment, Held, HumanVerify, Open, Opened, ProductInfo, ReadConfig, Report,
    Shut, Sign, SignData, SignMode, StoredConfig, TradeResult,
};
use m26_pay::at::command::Command;
use m26_pay::engine::Event;
use m26_pay::error::{Error, ErrorKind, Stage};
use m26_pay::flows::{BringUp, Configure, Configured, Flow, Signing};
use m26_pay::m26::{PowerOff, SetAccessPoint};
use m26_pay::outbox::Id;
use m26_pay::urc::Urc;

use crate::Options;
use crate::books::Books;
use crate::device_id::AwaitDeviceId;
use crate::line::Line;
use crate::trouble::Trouble;

/// A till and its module.
pub struct Till<L> {
    pub line: L,
    /// What is kept on disk, if anything is.
    pub books: Option<Books>,
    /// How many steps have begun.
    step: u32,
    pub stage: Stage,
    /// Whether the Alipay SDK is open, as far as is known.
    pub open: bool,
}

impl<L: Line> Till<L> {
    /// A till with this line to its module.
    pub fn new(line: L, books: Option<Books>) -> Self {
        Self { line, books, step: 0, stage: Stage::Preparing, open: false }
    }

    /// Everything before the first customer. Returns the identity that Alipay gave the device.
    pub async fn open_shop(
        &mut self,
        options: &Options,
        config: Option<Config>,
    ) -> Result<BizTid, Trouble> {
        self.begin("Bringing the module up");
        let bring_up = BringUp::default()
            .access_point(SetAccessPoint::new(options.apn.clone()))
            .time_server(options.ntp.clone());
        self.run(bring_up).await?;
        self.configure(config).await?;

        self.begin("Opening the Alipay SDK");
        let opened = self.send(&Open).await?;
        match opened {
            Opened::Now => say("It is open."),
            Opened::Already => say("It was open already, from an earlier run."),
        }
        self.open = true;
        if let Some(books) = &self.books {
            books.opened(opened)?;
        }

        self.begin("Telling Alipay what this till is");
        let info = ProductInfo::new(HumanVerify::QR_CODE)?;
        let held = self.send(&info).await?;
        say("It recognises its customers by their QR codes.");
        say_held(held);

        self.begin("Asking for the identity that Alipay gave this device");
        let Some(biz_tid) = self.run(AwaitDeviceId::new(30)).await? else {
            return Err(Trouble::no_device_id());
        };
        say(&format!("bizTid {biz_tid}"));
        Ok(biz_tid)
    }

    /// Configures the SDK, if it has to be. A changed value makes the SDK discard everything it holds,
    /// so a till reads the configuration first.
    async fn configure(&mut self, config: Option<Config>) -> Result<(), Trouble> {
        self.begin("Configuring the Alipay SDK");
        let stored = self.send(&ReadConfig).await?;
        if is_there(&stored) && stored.env != Some(Environment::TEST) {
            return Err(Trouble::not_for_tests(stored.env));
        }
        let Some(config) = config else {
            if !is_there(&stored) {
                return Err(Trouble::not_configured());
            }
            say("The module keeps the configuration that it has, for tests.");
            return Ok(());
        };
        let changes = is_there(&stored) && !stored.differences(&config).is_empty();
        if let Some(books) = self.books.as_ref().filter(|_| changes) {
            // Before the change, so that it is on disk even if the till dies meanwhile.
            books.discarded()?;
        }
        match self.run(Configure::new(config)).await? {
            Configured::Unchanged => say("All is stored already: nothing was set."),
            Configured::Set { .. } => say("All is set, and reads back as it should."),
            Configured::Differs { fields } => {
                let fields = fields.join(", ");
                say(&format!("All is set, but the module shows something else for {fields}."));
                say(
                    "It may mask or shorten them. Nothing is set again: see whether the SDK opens.",
                );
            }
        }
        Ok(())
    }

    /// A customer who pays with Alipay, and one who does not.
    pub async fn sell(&mut self, options: &Options, biz_tid: &BizTid) -> Result<(), Trouble> {
        let amount = options.amount;
        let trade = |outcome| {
            let trade = Report::of(amount, outcome, TIME_STAMP).business_no(BUSINESS_NO.parse()?);
            trade.time_consuming(2).build()
        };
        self.stage = Stage::Signing;
        self.begin(&format!("Having a payment of {amount} yuan signed"));
        let announced = match &self.books {
            Some(books) => {
                let id = books.announce(&trade(TradeResult::Unavailable)?)?;
                say("The trade is on disk. If the till dies now, its next run reports it.");
                Some(id)
            }
            None => None,
        };
        let sign = Sign::new(SignMode::Withholding, SignData::new(AGREEMENT)?)
            .amount(amount)
            .for_device(biz_tid.clone());
        let signed = match self.run(Signing::new(sign)).await {
            Ok(signed) => signed,
            Err(trouble) => {
                // Without a signature the gateway was not asked for the money.
                if let (Some(books), Some(id)) = (&self.books, announced) {
                    books.withdraw(id);
                }
                return Err(trouble);
            }
        };
        say(&format!("The signature has {} bytes.", signed.len()));
        match signed.get("signedKeys") {
            Some(keys) => {
                say(&format!("It names this device, and covers {}.", keys.replace(',', ", ")))
            }
            None => say("What it covers cannot be read. It is passed on unchanged."),
        }
        say("Here the till's server would ask Alipay for the money, with the signature.");
        // server.pay(terminal_params: signed.expose(), …)

        self.stage = Stage::Reporting;
        self.begin("Reporting the trade that was paid with Alipay");
        self.report(&trade(TradeResult::Success)?, announced).await?;

        self.begin("Reporting a trade that was paid otherwise");
        let otherwise = Report::of(amount, TradeResult::Unsupported, TIME_STAMP).build()?;
        self.report(&otherwise, None).await?;
        self.stage = Stage::Closing;
        Ok(())
    }

    /// Reports a trade that has ended, through the outbox if there is one.
    async fn report(
        &mut self,
        report: &Report,
        announced: Option<Id<Report>>,
    ) -> Result<(), Trouble> {
        match &self.books {
            Some(books) => {
                books.keep(announced, report)?;
                say("The report is on disk.");
                self.drain().await
            }
            None => {
                say_held(self.send(report).await?);
                Ok(())
            }
        }
    }

    /// Closes the SDK, which saves what it holds, and switches the module off.
    pub async fn close_shop(&mut self) -> Result<(), Trouble> {
        if !self.open {
            return Ok(());
        }
        self.stage = Stage::Closing;
        self.begin("Closing the Alipay SDK and switching the module off");
        self.send(&Shut).await?;
        self.open = false;
        say("The SDK is closed.");
        if let Some(books) = &self.books {
            books.closed()?;
        }
        self.send(&PowerOff::Normal).await?;
        say("The module is off. It needs its power key, or its power, before the next run.");
        Ok(())
    }

    async fn send<C: Command>(&mut self, command: &C) -> Result<C::Response, Trouble> {
        let outcome = self.line.send(command).await;
        self.after(outcome).await
    }

    async fn run<T, F: Flow<Output = Result<T, Error>>>(&mut self, flow: F) -> Result<T, Trouble> {
        let outcome = self.line.run(flow, |progress| say(&progress.to_string())).await;
        self.after(outcome).await
    }

    /// Shows what the module said unasked meanwhile, and what a failure means.
    async fn after<T>(&mut self, outcome: Result<T, Error>) -> Result<T, Trouble> {
        self.notice().await;
        outcome.map_err(|error| {
            say(&format!("That failed: {error}"));
            // A restart closes the SDK, and without a port it cannot be closed.
            if matches!(error.kind(), ErrorKind::Disconnected | ErrorKind::Interrupted) {
                self.open = false;
            }
            Trouble::new(self.stage, &error)
        })
    }

    /// Shows what the module has said unasked.
    pub async fn notice(&mut self) {
        while let Some(event) = self.line.event().await {
            match event {
                Event::Reset => {
                    self.open = false;
                    if let Some(books) = &self.books {
                        books.restarted();
                    }
                    say("The module has restarted by itself!");
                }
                Event::Late(_) => say("(The answer to an earlier command came late.)"),
                Event::Urc(line) => match Urc::parse(line.as_bytes()) {
                    Urc::UnderVoltageWarning | Urc::OverVoltageWarning => {
                        say("The module warns that its supply voltage is wrong!");
                    }
                    Urc::UnderVoltagePowerDown | Urc::OverVoltagePowerDown => {
                        self.open = false;
                        say("The module switches itself off: its supply voltage is wrong!");
                    }
                    _ => {}
                },
                Event::Missed(_) => say("(Lines of the module were lost.)"),
                Event::InputErrors(_) => say("(Bytes from the module were lost or damaged.)"),
                _ => {}
            }
        }
    }

    /// Begins a step.
    pub fn begin(&mut self, step: &str) {
        self.step += 1;
        print(&format!("\n{}. {step}", self.step));
    }
}

/// Whether the module was ever configured.
fn is_there(stored: &StoredConfig) -> bool {
    stored.item_id.as_deref().is_some_and(|item_id| !item_id.is_empty())
}

/// Shows a line that belongs to a step.
pub fn say(text: &str) {
    print(&format!("   {text}"));
}

/// Shows a line. If nobody reads it, the till still finishes what it began.
pub fn print(line: &str) {
    drop(writeln!(io::stdout(), "{line}"));
}

fn say_held(held: Held) {
    match held {
        Held::Stored => say("The module holds the report, and sends it when it can."),
        Held::RamOnly => {
            say("The module holds the report in memory alone: a restart would lose it.");
        }
    }
}

/// The number of the withholding agreement in the spec's example.
const AGREEMENT: &str = "1234567890";

/// The serial number of the trade in the spec's example.
const BUSINESS_NO: &str = "2019012922001450181015731428";

/// When the trades in the spec's example took place, in Unix seconds.
const TIME_STAMP: i64 = 1_548_811_777;
