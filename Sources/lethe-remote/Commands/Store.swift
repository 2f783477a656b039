internal import ArgumentParser
internal import Foundation
internal import LetheBuckets
internal import LetheRecords
internal import LetheRegistry

/// Speaks for a bucket to the lethe that started it, over standard input and output: it has the HTTP
/// client and the keys, which come from the environment and never leave it.
struct Store: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store", abstract: "Speak for a bucket over standard input and output.",
        shouldDisplay: false)

    /// After so many silent seconds a store is given up.
    private static let silenceSeconds = 120

    @Argument(help: "s3://bucket/prefix")
    var address: String

    func run() async throws {
        let channel = FrameChannel(
            input: .standardInput, output: .standardOutput, name: "lethe")
        let answers: StoreAnswers
        do {
            answers = try open(channel)
        } catch let error as LetheError {
            // Whoever asked shows it; here nobody looks.
            _ = try channel.receive()
            try channel.send(error)
            return
        }
        do {
            try await answers.run()
        } catch let error as LetheError where error.code == .io {
            // The one who asked has gone.
        }
        await answers.transport.end()
    }

    private func open(_ channel: FrameChannel) throws -> StoreAnswers {
        guard let parts = URLComponents(string: address), parts.scheme == "s3",
            let bucket = parts.host
        else {
            throw LetheError(
                code: .invalidArgument, message: "This is no address of a bucket.",
                remedy: "Write s3://bucket/prefix.")
        }
        let settings = try BucketSettings(environment: ProcessInfo.processInfo.environment)
        let transport = try Transport(
            server: "s3://\(bucket)", authorities: settings.authorities,
            silenceSeconds: Self.silenceSeconds)
        let prefix = parts.path.split(separator: "/").map { "\($0)/" }.joined()
        return StoreAnswers(
            channel: channel, transport: transport,
            bucket: try Bucket(
                bucket, settings: settings, transport: BucketDoor(transport: transport),
                now: { Timestamp(Date()) },
                wait: { try await Task.sleep(for: .milliseconds($0)) }),
            prefix: prefix)
    }
}

/// The transport, as a bucket asks through it.
struct BucketDoor: BucketTransport {
    let transport: Transport

    func send(
        _ request: BucketRequest, _ take: (BucketAnswer, [UInt8]) throws -> Void
    ) async throws -> BucketAnswer {
        let head = try await transport.send(
            Request(
                method: request.method, address: request.address, fields: request.fields,
                body: request.body.isEmpty ? nil : request.body)
        ) { head, bytes in
            try take(BucketAnswer(status: head.status, fields: head.fields), bytes)
        }
        return BucketAnswer(status: head.status, fields: head.fields)
    }
}
