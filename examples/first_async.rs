//! The async program of the README, as it stands there.

use m26_pay::asynch::Session;
use m26_pay::serial::SerialHost;
use m26_pay::session::{Plan, ShutDown};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let port: SerialHost = std::env::args().nth(1).ok_or("which port?")?.parse()?;
    let (signal, mut stop) = tokio::sync::mpsc::unbounded_channel();
    ctrlc::set_handler(move || _ = signal.send(()))?;
    let (session, mut events, driver) = Session::new(port, Plan::default(), Default::default());
    tokio::spawn(driver);
    loop {
        // Any number of tasks may `send` by clones of `session` meanwhile.
        tokio::select! {
            Some(event) = events.next() => println!("{event}"),
            _ = stop.recv() => break,
        }
    }
    Ok(session.shut_down(ShutDown::PowerOff).await?)
}
