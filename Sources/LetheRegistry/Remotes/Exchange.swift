internal import Foundation
public import LetheRecords
public import LetheStorage

extension Registry {
    /// Sends lines to another registry, wherever it is, which honours what was erased here; only
    /// what it lacks travels, references move last and only forward.
    ///
    /// - Parameters:
    ///   - lines: Models by name, datasets as `datasets/<name>`; none for all.
    ///   - keys: Opens the keys with which a registry of this machine is written; one that is
    ///     elsewhere has its own.
    ///   - beforeStep: Where tests stop the writing of a registry of this machine.
    /// - Returns: what became of each line; one that failed is a result, not an error.
    /// - Throws: `refused` if the receiving registry does not trust the keys; `unsupported` if it
    ///   is of a newer format; `notFound`; `io` if the way is cut off; what the other side says is
    ///   wrong.
    public func push(
        _ lines: [String], to address: RemoteAddress, now: Timestamp,
        keys: (Registry) throws(LetheError) -> KeyFolder,
        beforeStep: @escaping BeforeStep = { (_) throws(LetheError) in },
        progress: @escaping ProgressHandler
    ) throws(LetheError) -> TransferReport {
        try refuseTransfer()
        switch address {
        case .folder(let root):
            let target = try Registry(opening: root, beforeStep: beforeStep)
            return try target.take(
                lines, from: TransferSource(storage), keys: keys(target), now: now,
                progress: progress)
        case .ssh(let place):
            return try push(lines, to: place.start("receive"), progress: progress)
        case .server(let place):
            return try push(lines, to: place.start("receive"), progress: progress)
        case .bucket(let place):
            let child = try place.start()
            return try child.talk { () throws(LetheError) in
                let store = BucketStore(child.channel)
                let report = try BucketDelivery(
                    from: self, to: place, store, now: now, progress: progress
                ).run(lines, keys: keys)
                try store.end()
                return report
            }
        }
    }

    private func push(
        _ lines: [String], to child: ChildProgram, progress: @escaping ProgressHandler
    ) throws(LetheError) -> TransferReport {
        try child.talk { () throws(LetheError) in
            try exchangeSending(lines, over: child.channel, progress: progress)
        }
    }

    /// Takes lines from another registry, wherever it is, and honours what was erased there.
    ///
    /// - Throws: `refused` if this registry does not trust the keys; as `push` otherwise.
    public func fetch(
        _ lines: [String], from address: RemoteAddress, keys: KeyFolder, now: Timestamp,
        progress: @escaping ProgressHandler
    ) throws(LetheError) -> TransferReport {
        try address.withSource(for: storage) { (source) throws(LetheError) in
            try take(lines, from: source, keys: keys, now: now, progress: progress)
        }
    }

    /// Takes lines, and erases what is erased at the source.
    func take(
        _ lines: [String], from source: TransferSource, keys: KeyFolder, now: Timestamp,
        progress: @escaping ProgressHandler
    ) throws(LetheError) -> TransferReport {
        try refuseTransfer()
        try requireWritable(by: keys)
        var report = try Reception(from: source, to: self, keys: keys, progress: progress)
            .receive(lines)
        report.erased = try honourTombstones(keys: keys, now: now, progress: progress)
        return report
    }

    /// The side of an exchange that gives, as `lethe push` does it and `lethe exchange send` on the
    /// machine that is fetched from: answers until the other side is done.
    ///
    /// - Parameter lines: What shall travel, if this side says; none for all.
    /// - Returns: what the other side says has become of it.
    /// - Throws: `io` if the other side goes without a word; what it says is wrong.
    @discardableResult
    public func exchangeSending(
        _ lines: [String] = [], over channel: FrameChannel, progress: @escaping ProgressHandler
    ) throws(LetheError) -> TransferReport {
        try refuseTransfer()
        _ = try ExchangeHello.exchange(over: channel, lines: lines)
        return try TransferReport(
            json: ExchangeAnswers(storage: storage, channel: channel, progress: progress).run())
    }

    /// What `lethe exchange receive` does on the machine that is pushed to.
    ///
    /// - Throws: as `fetch`.
    @discardableResult
    public func exchangeReceiving(
        over channel: FrameChannel, keys: KeyFolder, now: Timestamp
    ) throws(LetheError) -> TransferReport {
        let hello = try ExchangeHello.exchange(over: channel, lines: [])
        let questions = ExchangeQuestions(channel: channel)
        let shadow = try questions.shadow(for: storage)
        let source = TransferSource(shadow.storage, objects: questions, name: channel.name)
        let report = try take(
            hello.lines, from: source, keys: keys, now: now, progress: { _ in })
        try channel.sendReport(CanonicalJSON.encode(.object(report.json)))
        return report
    }
}

extension RemoteAddress {
    /// Opens the way to another registry for taking from it.
    ///
    /// - Parameters:
    ///   - borrower: The registry that takes; nil for a clone, which is not there yet.
    ///   - body: Gets the source.
    /// - Throws: as `RegistrySource`; `io`; what `body` throws.
    func withSource<Result>(
        for borrower: RegistryStorage?,
        _ body: (TransferSource) throws(LetheError) -> Result
    ) throws(LetheError) -> Result {
        switch self {
        case .folder(let root):
            return try body(TransferSource(RegistrySource(root).storage))
        case .ssh(let place): return try ask(place.start("send"), for: borrower, body)
        case .server(let place): return try ask(place.start("send"), for: borrower, body)
        case .bucket(let place):
            let child = try place.start()
            return try child.talk { () throws(LetheError) in
                let store = BucketStore(child.channel)
                let shadow = try place.shadow(store.state().state, for: borrower)
                let source = TransferSource(shadow.storage, objects: store.objects, name: text)
                let result = try body(source)
                try store.end()
                return result
            }
        }
    }
    /// Asks a `lethe exchange send`, however it is reached.
    private func ask<Result>(
        _ child: ChildProgram, for borrower: RegistryStorage?,
        _ body: (TransferSource) throws(LetheError) -> Result
    ) throws(LetheError) -> Result {
        try child.talk { () throws(LetheError) in
            _ = try ExchangeHello.exchange(over: child.channel, lines: [])
            let questions = ExchangeQuestions(channel: child.channel)
            let shadow = try questions.shadow(for: borrower)
            let source = TransferSource(shadow.storage, objects: questions, name: text)
            let result = try body(source)
            try child.channel.sendReport(CanonicalJSON.encode(.object(TransferReport().json)))
            return result
        }
    }
}
