//! A virtual port that the test holds along with the client.

use std::cell::RefCell;
use std::io;
use std::rc::Rc;
use std::time::{Duration, Instant};

use m26_pay::blocking::{Interest, Port};
use m26_pay::sim::Device;
use m26_pay::sim::virtual_port::VirtualPort;

/// One port in two hands.
pub struct Held<D>(pub Rc<RefCell<VirtualPort<D>>>);

impl<D: Device> Held<D> {
    pub fn new(device: D) -> Self {
        Self(Rc::new(RefCell::new(VirtualPort::new(device))))
    }
}

impl<D> Clone for Held<D> {
    fn clone(&self) -> Self {
        Self(Rc::clone(&self.0))
    }
}

impl<D: Device> Port for Held<D> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.borrow_mut().read(buffer)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn wait(&mut self, interest: Interest, timeout: Option<Duration>) -> io::Result<bool> {
        self.0.borrow_mut().wait(interest, timeout)
    }

    fn now(&self) -> Instant {
        self.0.borrow().now()
    }
}
