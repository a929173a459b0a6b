//! [`Threads`]: threads for work that blocks.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

/// How many threads there are at most, by default. Not specified; chosen because 32 threads make 320
/// requests of 100 ms each in a second, and an idle thread takes only some kilobytes.
pub const THREADS: usize = 32;

/// Threads that carry out jobs in the order in which they come. They begin when they are needed, up
/// to a limit, and end when this is dropped and no job is left.
pub(super) struct Threads {
    shared: Arc<Shared>,
    most: usize,
}

#[derive(Default)]
struct Shared {
    queue: Mutex<Queue>,
    work: Condvar,
}

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Job>,
    idle: usize,
    threads: usize,
    closed: bool,
}

type Job = Box<dyn FnOnce() + Send>;

impl Threads {
    pub(super) fn new(most: usize) -> Self {
        Self { shared: Arc::default(), most: most.max(1) }
    }

    /// Has a thread do this job, and waits for its result. The job is done even if the caller stops
    /// waiting.
    ///
    /// # Errors
    /// If there is no thread and none can be spawned, or the job panicked.
    pub(super) async fn wait_for<R: Send + 'static>(
        &self,
        work: impl FnOnce() -> R + Send + 'static,
    ) -> io::Result<R> {
        let (done, waits) = oneshot::channel();
        self.run(move || drop(done.send(work())))?;
        waits.await.map_err(|_| io::ErrorKind::BrokenPipe.into())
    }

    /// Has a thread do this job when it is free.
    ///
    /// # Errors
    /// If there is no thread and none can be spawned. The job is not done then.
    fn run(&self, job: impl FnOnce() + Send + 'static) -> io::Result<()> {
        let mut queue = self.shared.lock();
        if queue.idle <= queue.jobs.len() && queue.threads < self.most {
            let shared = Arc::clone(&self.shared);
            let thread = std::thread::Builder::new().name("m26-pay gateway".to_owned());
            match thread.spawn(move || shared.work()) {
                Ok(_) => queue.threads += 1,
                Err(error) if queue.threads == 0 => return Err(error),
                // The threads that there are do it later.
                Err(_) => {}
            }
        }
        queue.jobs.push_back(Box::new(job));
        drop(queue);
        self.shared.work.notify_one();
        Ok(())
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        // Nothing panics with the lock held.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self) {
        let mut queue = self.lock();
        loop {
            if let Some(job) = queue.jobs.pop_front() {
                drop(queue);
                job();
                queue = self.lock();
            } else if queue.closed {
                return;
            } else {
                queue.idle += 1;
                queue = self.work.wait(queue).unwrap_or_else(PoisonError::into_inner);
                queue.idle -= 1;
            }
        }
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        self.shared.work.notify_all();
    }
}

impl fmt::Debug for Threads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let queue = self.shared.lock();
        f.debug_struct("Threads")
            .field("threads", &queue.threads)
            .field("jobs", &queue.jobs.len())
            .finish_non_exhaustive()
    }
}
