//! How far a request came.
//!
//! ureq does one request on the thread that asks for it, and calls its connectors and its transport
//! there. So the stage is kept by thread, and a connection that was kept from an earlier request is
//! watched as well as a new one.

use std::cell::Cell;
use std::marker::PhantomData;

use ureq::Error;
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, DefaultConnector, NextTimeout, Transport,
};

/// How far a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// The address is being found.
    Resolving,
    /// There is no connection yet, or no TLS on it.
    Connecting,
    /// The first byte of the request was given to the connection.
    Sending,
}

thread_local! {
    static STAGE: Cell<Stage> = const { Cell::new(Stage::Resolving) };
    /// How many connections are being made: to a proxy, and through it. What passes on the way is no
    /// part of the request.
    static MAKING: Cell<u32> = const { Cell::new(0) };
}

/// A request on this thread.
pub(super) struct Watched {
    /// Another thread has another stage.
    here: PhantomData<*const ()>,
}

impl Watched {
    pub(super) fn begin() -> Self {
        STAGE.set(Stage::Resolving);
        MAKING.set(0);
        Self { here: PhantomData }
    }

    pub(super) fn stage(&self) -> Stage {
        let Self { here: PhantomData } = self;
        STAGE.get()
    }
}

/// ureq's connections, watched.
pub(super) fn connector() -> impl Connector {
    Begin.chain(DefaultConnector::new()).chain(Watch)
}

#[derive(Debug)]
struct Begin;

impl Connector for Begin {
    type Out = ();

    fn connect(&self, _: &ConnectionDetails, _: Option<()>) -> Result<Option<()>, Error> {
        STAGE.set(Stage::Connecting);
        MAKING.set(MAKING.get() + 1);
        Ok(None)
    }
}

#[derive(Debug)]
struct Watch;

impl<In: Transport> Connector<In> for Watch {
    type Out = WatchedTransport<In>;

    fn connect(
        &self,
        _: &ConnectionDetails,
        chained: Option<In>,
    ) -> Result<Option<Self::Out>, Error> {
        MAKING.set(MAKING.get().saturating_sub(1));
        Ok(chained.map(WatchedTransport))
    }
}

#[derive(Debug)]
struct WatchedTransport<T>(T);

impl<T: Transport> Transport for WatchedTransport<T> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.0.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        if amount > 0 && MAKING.get() == 0 {
            STAGE.set(Stage::Sending);
        }
        self.0.transmit_output(amount, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.0.await_input(timeout)
    }

    fn is_open(&mut self) -> bool {
        self.0.is_open()
    }

    fn is_tls(&self) -> bool {
        self.0.is_tls()
    }
}
