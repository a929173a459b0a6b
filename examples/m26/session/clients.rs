//! The clients of a session's socket.

use std::os::unix::net::UnixStream;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{Builder, Scope};
use std::time::Duration;

use m26_pay::engine::Certainty;
use m26_pay::error::ErrorKind;

use super::audience::Audience;
use super::commands::{Commands, Task};
use super::lock;
use super::outlet::Outlet;
use super::socket::Socket;
use crate::lines::{Lines, Source};
use crate::problem::Problem;
use crate::screen::Screen;

/// The clients of a socket. Each has a thread of its own, which reads a command, carries it out and
/// answers it, so that a client waits for nobody else's commands.
pub(super) struct Clients<'a> {
    pub(super) socket: &'a Socket,
    pub(super) commands: &'a Commands<'a>,
    pub(super) audience: &'a Audience,
    pub(super) screen: Screen,
    /// Whether the session ends when a client has shut the SDK down.
    pub(super) ends_with_shut_down: bool,
    pub(super) connected: Mutex<Vec<Arc<Outlet>>>,
    /// A client has gone.
    pub(super) left: Condvar,
}

impl Clients<'_> {
    /// Takes clients until the session is stopped.
    pub(super) fn serve<'scope>(&'scope self, scope: &'scope Scope<'scope, '_>) {
        loop {
            match self.socket.accept() {
                _ if self.commands.stop.is_stopped() => return,
                Ok(stream) => self.admit(scope, stream),
                // There are no more descriptors, until a client goes.
                Err(_) => drop(self.commands.stop.sleep(PAUSE)),
            }
        }
    }

    /// Takes no more clients and no more commands. What is under way is answered, and waited for is
    /// no client that does not read its last answers.
    pub(super) fn close(&self) {
        self.socket.close();
        let connected = lock(&self.connected);
        connected.iter().for_each(|outlet| outlet.close_input());
        let some = |connected: &mut Vec<_>| !connected.is_empty();
        let waited = self.left.wait_timeout_while(connected, LAST, some);
        let connected = waited.unwrap_or_else(PoisonError::into_inner).0;
        connected.iter().for_each(|outlet| outlet.close());
    }

    fn admit<'scope>(&'scope self, scope: &'scope Scope<'scope, '_>, stream: UnixStream) {
        let Ok(writes) = stream.try_clone() else { return };
        let outlet = Arc::new(Outlet::socket(self.screen, writes));
        let mut connected = lock(&self.connected);
        if connected.len() >= MOST {
            let message = format!(
                "{MOST} clients are connected, and no more are served; end one, and connect again"
            );
            let problem = Problem::new(ErrorKind::Busy, Certainty::NotSent, message);
            return outlet.answer("session", &Err(problem));
        }
        connected.push(Arc::clone(&outlet));
        drop(connected);
        let serve = {
            let outlet = Arc::clone(&outlet);
            move || self.client(stream, &outlet)
        };
        if Builder::new().spawn_scoped(scope, serve).is_err() {
            self.forget(&outlet);
        }
    }

    /// Serves a client until it sends nothing more.
    fn client(&self, stream: UnixStream, outlet: &Arc<Outlet>) {
        self.audience.lock().add(Arc::clone(outlet));
        let mut lines = Lines::new(Source::Socket(stream));
        while !self.commands.stop.is_stopped() {
            let Ok(Some(line)) = lines.next() else { break };
            let (answered, shut_down) = match Task::read(&line, true) {
                _ if self.commands.stop.is_stopped() => break,
                Ok(None) => continue,
                Ok(Some(task)) => {
                    let (name, shut_down) = (task.name().to_owned(), task.is_shut_down());
                    ((name, self.commands.carry_out(task, outlet)), shut_down)
                }
                Err(answered) => (answered, false),
            };
            self.audience.answer(outlet, &answered);
            if shut_down && self.ends_with_shut_down && self.commands.is_shut() {
                self.commands.stop.stop();
                break;
            }
            outlet.wait_for_room();
        }
        self.audience.lock().remove(outlet);
        // One that has gone cannot be told anything.
        drop(outlet.finish());
        outlet.close();
        self.forget(outlet);
    }

    fn forget(&self, outlet: &Arc<Outlet>) {
        lock(&self.connected).retain(|other| !Arc::ptr_eq(other, outlet));
        self.left.notify_all();
    }
}

/// How many clients there may be. Not specified; chosen because a till has a few programs, and each
/// client costs a thread and at most 64 KiB.
const MOST: usize = 128;

/// How long is waited for a client to read its last answers once no more of its commands come.
const LAST: Duration = Duration::from_secs(2);

const PAUSE: Duration = Duration::from_millis(100);
