internal import Foundation
internal import Glibc
internal import HTTPTypes
internal import LetheRecords
internal import LetheRegistry
internal import Logging
internal import ServiceLifecycle
internal import Synchronization

/// Runs jobs one after the other, each as a process of its own, and goes on with them when the
/// server is started again.
final class JobRunner: Service {
    /// How often a command that ends without an answer is started.
    static let attemptLimit = 5
    /// How often a command that somebody interrupted is started.
    static let interruptionLimit = 50

    let book: JobBook
    let command: LetheCommand
    let uploads: UploadBook
    /// Conversations with other registries, which are no jobs.
    let exchanges: ExchangeBook
    let registry: Registry
    private let logger: Logger
    private let isStopping = Mutex(false)
    private let claim = Mutex<FileHandle?>(nil)
    private let wakes: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation

    init(_ registry: Registry, _ settings: ServerSettings, logger: Logger) {
        self.registry = registry
        self.logger = logger
        book = JobBook(registry)
        uploads = UploadBook(registry)
        command = LetheCommand(settings, registry: registry.folder)
        exchanges = ExchangeBook(command, settings.limits, logger: logger)
        (wakes, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Runs what is waiting until the server is told to stop.
    func run() async throws {
        if registry.hasServerFolder { try? start() }
        await withGracefulShutdownHandler {
            for await _ in wakes {
                while let next = book.next, !stopping {
                    await run(next)
                }
                if stopping { return }
            }
        } onGracefulShutdown: {
            self.stop()
        }
    }

    private var stopping: Bool { isStopping.withLock { $0 } }

    private func stop() {
        isStopping.withLock { $0 = true }
        exchanges.stop()
        for job in book.all where !job.state.isOver { signal(job) }
        wake.yield()
        wake.finish()
    }

    /// Claims the jobs of the registry, and reads them.
    ///
    /// - Throws: `Failure` if another server has them.
    func start() throws {
        try claim.withLock { claim in
            guard claim == nil else { return }
            let path = try registry.serverFolder().url.appending(path: "lock").path
            let handle = unsafe open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
            guard handle >= 0, flock(handle, LOCK_EX | LOCK_NB) == 0 else {
                if handle >= 0 { close(handle) }
                throw Failure.own(
                    .serviceUnavailable, .conflict,
                    "Another server of this registry has its jobs.", "Ask that one.")
            }
            claim = FileHandle(fileDescriptor: handle, closeOnDealloc: true)
            try book.load()
            uploads.removeOld()
        }
        wake.yield()
    }

    /// Takes a job in.
    func add(_ job: Job, samples: [String]?) throws -> (job: Job, isNew: Bool) {
        try start()
        let added = try book.add(job, samples: samples)
        if added.isNew {
            log("queued", added.job)
            wake.yield()
        }
        return added
    }

    /// Takes a job back; what it has done stays.
    func cancel(_ id: String) throws -> Job? {
        try start()
        let job = try book.change(id) { job in
            guard !job.state.isOver else { return }
            job.isCancelled = true
            if job.state == .queued { job.state = .cancelled }
        }
        if let job, job.state == .running { signal(job) }
        if let job, job.state.isOver { tidy(job) }
        return job
    }

    /// Asks the command of a job to end; it keeps what is finished.
    private func signal(_ job: Job) {
        // The lock on the answer is the command's: without it the number may be another's.
        guard let process = job.process, job.state == .running, holdsAnswer(job) else { return }
        kill(process, SIGTERM)
    }

    private func run(_ job: Job) async {
        do {
            if job.state == .running, holdsAnswer(job) {
                // The command outlived the server that started it.
                log("found running", job)
                await waitForAnswer(of: job)
            } else if try job.state == .running && conclude(job) {
                return
            } else {
                try await attempt(job)
            }
            if let now = book.job(job.id), !now.state.isOver { _ = try conclude(now) }
        } catch let error as LetheError {
            end(job, .failed, error)
        } catch {
            logger.error("job", metadata: ["id": "\(job.id)", "cause": "\(error)"])
            end(job, .failed, LetheError(code: .io, message: "The server could not run this."))
        }
    }

    /// Starts the command and waits until it ended.
    private func attempt(_ job: Job) async throws {
        let answer = try emptyAnswer(of: job)
        let events = try book.events(of: job.id)
        guard
            let job = try book.change(
                job.id,
                { job in
                    job.state = job.isCancelled ? .cancelled : .running
                    job.attempts += 1
                    job.process = nil
                    job.started = job.started ?? Timestamp(Date())
                }), job.state == .running
        else { return }
        try book.mark(job)
        log("started", job)
        let arguments = try prepared(job)
        let process = command.process(
            arguments, needsKeys: true, text: book.file(job.id, "text"))
        process.standardOutput = answer
        process.standardError = events
        let (book, id) = (book, job.id)
        _ = try await process.runToItsEnd { number in
            // From now on only the command holds the lock on its answer.
            try? answer.close()
            try? events.close()
            let job = try? book.change(id) { $0.process = number }
            if self.stopping || job?.isCancelled == true { kill(number, SIGTERM) }
        }
    }

    /// The arguments, with everything ready that they name.
    private func prepared(_ job: Job) throws -> [String] {
        guard let upload = job.upload else { return job.arguments }
        let folder = book.file(job.id, "model")
        try? FileManager.default.removeItem(at: folder)
        try uploads.assemble(upload, of: job.model, into: folder)
        return job.arguments
    }

    /// Decides what became of a command that does not run any more.
    ///
    /// - Returns: whether the job is over.
    private func conclude(_ job: Job) throws -> Bool {
        let answer = [UInt8]((try? Data(contentsOf: book.file(job.id, "answer"))) ?? Data())
        let outcome = JobOutcome(
            verb: job.verb, answer: answer, events: book.eventsOfAttempt(job))
        switch outcome {
        case .done(let exitCode):
            end(job, .done, exitCode: exitCode)
        case .failed(let error) where error.code == .interrupted:
            guard job.isCancelled || job.attempts >= Self.interruptionLimit else { return false }
            end(job, job.isCancelled ? .cancelled : .failed, error)
        case .failed(let error):
            if try isDoneBefore(job, error) { return true }
            end(job, .failed, error)
        case .nothing where job.isCancelled:
            end(job, .cancelled)
        case .nothing:
            guard job.attempts >= Self.attemptLimit else { return false }
            end(
                job, .failed,
                LetheError(
                    code: .io, message: "The command was killed \(job.attempts) times.",
                    remedy: "See the log of the server's machine; it may lack memory."))
        }
        return true
    }

    /// A command that finished and was killed before its answer was kept finds, when it is started
    /// again, that everything is done; then what it did is the answer.
    private func isDoneBefore(_ job: Job, _ error: LetheError) throws -> Bool {
        let operation: LetheRecords.Operation
        switch (job.verb, error.code) {
        case (.forget, .invalidArgument): operation = .forget
        case (.certify, .alreadyExists): operation = .certify
        default: return false
        }
        guard job.attempts > 1 else { return false }
        let version = try registry.versions(of: job.model).first {
            $0.manifest.number > job.before && $0.manifest.operation == operation
        }
        guard let version else { return false }
        let value: JSONValue = .object([
            "version": .string(version.name), "commit": .string(version.commitName),
            "manifestDigest": .string(version.manifestDigest.description),
            "manifest": try StrictJSON.parse(version.manifest.canonicalBytes()),
        ])
        let answer: JSONValue =
            job.verb == .forget
            ? value : .object(["judged": .null, "report": .null, "certified": value])
        try Data(CanonicalJSON.encode(answer)).write(to: book.file(job.id, "answer"))
        let words = "\(version.name) was made before the server was stopped.\n"
        try Data(words.utf8).write(to: book.file(job.id, "text"))
        end(job, .done, exitCode: 0)
        return true
    }

    private func end(
        _ job: Job, _ state: Job.State, _ error: LetheError? = nil, exitCode: Int32? = nil
    ) {
        do {
            if let error {
                try Data(CanonicalJSON.encode(["error": error.json]))
                    .write(to: book.file(job.id, "answer"))
            }
            let code = exitCode ?? error?.code.exitCode
            let ended = try book.change(job.id) { job in
                job.state = state
                job.exitCode = code
                job.process = nil
            }
            if let ended {
                log(ended.state.rawValue, ended, error)
                tidy(ended)
            }
        } catch {
            logger.error("job", metadata: ["id": "\(job.id)", "cause": "\(error)"])
        }
    }

    /// Removes what a job that is over needs no more.
    private func tidy(_ job: Job) {
        try? FileManager.default.removeItem(at: book.file(job.id, "samples"))
        try? FileManager.default.removeItem(at: book.file(job.id, "model"))
        if let upload = job.upload, job.state == .done { uploads.remove(upload) }
    }

    private func log(_ event: String, _ job: Job, _ error: LetheError? = nil) {
        var fields: Logger.Metadata = [
            "id": "\(job.id)", "event": "\(event)", "verb": "\(job.verb.rawValue)",
            "model": "\(job.model)", "token": "\(job.token)",
            "attempts": .stringConvertible(job.attempts),
        ]
        if let code = job.exitCode { fields["exitCode"] = .stringConvertible(Int(code)) }
        if let error { fields["cause"] = "\(error.code): \(error.message)" }
        logger.info("job", metadata: fields)
    }
}
