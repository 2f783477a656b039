internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import LetheRecords
internal import LetheRegistry

extension Call {
    /// Whether the client may see a job: who could have asked for it may.
    func maySee(_ job: Job) -> Bool { token?.allows(job.verb.scope, of: job.model) == true }

    /// The job of an id, if the client may see it.
    func job(_ id: String) throws -> Job {
        try? runner.start()
        guard Job.isID(id), let job = runner.book.job(id), maySee(job) else { throw Failure.noJob }
        return job
    }
}

/// An address of one job.
protocol JobRoute: OwnRoute {
    init(id: String)
}

extension JobRoute {
    init?(_ path: RequestPath) {
        guard let found = OwnPath.match(Self.templates[0], path) else { return nil }
        self.init(id: found[0])
    }

    /// Which token may see the job depends on the job.
    var need: Need { .token }
}

/// `/api/v1/jobs`: the jobs that the client may see, the oldest first.
struct JobList: OwnRoute {
    static let name = "own-jobs"
    static let templates = ["/api/v1/jobs"]

    init?(_ path: RequestPath) {
        guard OwnPath.match(Self.templates[0], path) != nil else { return nil }
    }

    var need: Need { .token }

    func answer(_ call: Call) async throws -> Response {
        try? call.runner.start()
        return .json(
            ["jobs": .array(call.runner.book.all.filter(call.maySee).map(\.json))])
    }
}

/// `/api/v1/jobs/<id>`: how far a job is; DELETE takes it back.
struct JobRecord: JobRoute {
    static let name = "own-job"
    static let methods: Set<HTTPRequest.Method> = [.get, .head, .delete]
    static let templates = ["/api/v1/jobs/{job}"]
    let id: String

    func answer(_ call: Call) async throws -> Response {
        let job = try call.job(id)
        guard call.request.method == .delete else { return .json(job.json) }
        return .json(try call.runner.cancel(id).map(\.json) ?? job.json)
    }
}

/// `/api/v1/jobs/<id>/answer`: what the command answered, as JSON or as a person reads it.
struct JobAnswer: JobRoute {
    static let name = "own-job-answer"
    static let templates = ["/api/v1/jobs/{job}/answer"]
    let id: String

    func answer(_ call: Call) async throws -> Response {
        let job = try call.job(id)
        guard job.state.isOver else {
            throw Failure.own(
                .conflict, .conflict, "The job \(id) is not over.",
                "Wait for it at /api/v1/jobs/\(id)/events.")
        }
        let json = [UInt8]((try? Data(contentsOf: call.runner.book.file(id, "answer"))) ?? Data())
        guard job.state == .done else {
            let error =
                OwnError.read(String(decoding: json, as: UTF8.self))
                ?? LetheError(
                    code: .interrupted, message: "The job was taken back.",
                    remedy: "What was finished is kept; ask again to go on.")
            throw Failure.own(call.runner.command.redaction.error(error, for: call.token))
        }
        let text = [UInt8]((try? Data(contentsOf: call.runner.book.file(id, "text"))) ?? Data())
        return .command(
            json, text: text, wantsText: call.wantsText, exitCode: job.exitCode ?? 0)
    }
}

/// `/api/v1/jobs/<id>/events`: what happens, as server-sent events; `Last-Event-ID` goes on behind
/// one that was received.
struct JobEvents: JobRoute {
    static let name = "own-job-events"
    static let templates = ["/api/v1/jobs/{job}/events"]
    let id: String

    func answer(_ call: Call) async throws -> Response {
        let job = try call.job(id)
        let received = call.request.headers[.lastEventID]
        guard received.map({ $0.wholeMatch(of: /[0-9]{1,9}/) != nil }) ?? true else {
            throw OrderFields.wrong("Last-Event-ID", "is a number of at most nine digits")
        }
        let last = received.flatMap { Int($0) } ?? 0
        let headers: HTTPFields = [
            .contentType: "text/event-stream; charset=utf-8", .cacheControl: "no-store",
        ]
        if call.isHead { return Response(status: .ok, headers: headers) }
        call.report.isStreaming()
        let follower = EventFollower(
            url: call.runner.book.file(job.id, "events"), redaction: call.runner.command.redaction,
            token: call.token, after: last)
        return Response(
            status: .ok, headers: headers,
            body: ResponseBody { writer in
                try await follower.follow { text in
                    try await writer.write(ByteBuffer(string: text))
                    call.report.sent(text.utf8.count)
                }
                try await writer.finish(nil)
                call.report.finished()
            })
    }
}
