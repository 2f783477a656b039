internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import LetheRecords
internal import LetheRegistry

/// `/api/v1/models/<name>/publish`, `forget`, `verify` and `certify`: asks for a job.
struct PlaceOrder: OwnRoute {
    static let name = "own-order"
    static let methods: Set<HTTPRequest.Method> = [.post]
    static let templates = Job.Verb.allCases.map { "/api/v1/models/{model}/\($0.rawValue)" }
    let model: String
    let verb: Job.Verb

    init?(_ path: RequestPath) {
        for verb in Job.Verb.allCases {
            guard let found = OwnPath.match("/api/v1/models/{model}/\(verb.rawValue)", path)
            else { continue }
            self.verb = verb
            model = found[0]
            return
        }
        return nil
    }

    var need: Need { .scope(verb.scope, model: model) }

    func answer(_ call: Call) async throws -> Response {
        try call.requireName(model)
        let body = try await call.body()
        let order = try OrderReader(verb: verb, model: model, call: call, body: body).read()
        let key = call.request.headers[.idempotencyKey]
        guard key.map({ $0.wholeMatch(of: /[A-Za-z0-9._-]{1,200}/) != nil }) ?? true else {
            throw OrderFields.wrong(
                "Idempotency-Key", "has 1 to 200 letters, digits, dots, dashes and underscores")
        }
        let job = Job(
            id: order.id, verb: verb, model: model, token: call.token?.name ?? "", key: key,
            order: order.shown, arguments: order.arguments, upload: order.upload,
            before: newest(call), created: Timestamp(Date()))
        let added = try call.runner.add(job, samples: order.samples)
        var response = Response.json(added.job.json, status: added.isNew ? .accepted : .ok)
        response.headers[.location] = "/api/v1/jobs/\(added.job.id)"
        return response
    }

    private func newest(_ call: Call) -> Int {
        let version = try? call.registry.resolve(Revision(model))
        return version?.manifest.number ?? 0
    }
}

/// Turns a client's JSON into the arguments of a command.
struct OrderReader {
    /// What came of it.
    struct Order {
        let id: String
        let arguments: [String]
        /// What others may know.
        let shown: JSONValue
        let samples: [String]?
        let upload: String?
    }

    let verb: Job.Verb
    let model: String
    let call: Call
    let body: [UInt8]

    private static let place: Set<String> = ["device", "threads"]
    private static let judge: Set<String> = ["dataset", "split", "policy", "tier", "reference"]

    /// - Throws: `Failure` for what is not known or out of bounds.
    func read() throws -> Order {
        let id = Job.freshID()
        switch verb {
        case .publish: return try publish(id)
        case .forget: return try forget(id)
        case .verify, .certify: return try judge(id)
        }
    }

    private func publish(_ id: String) throws -> Order {
        let fields = try OrderFields(body, knowing: ["upload", "base"])
        guard let upload = try fields.name("upload"),
            let plan = call.runner.uploads.find(
                upload, of: model, token: call.token?.name ?? "")
        else {
            throw Failure.own(
                .notFound, .notFound, "There is no such upload.",
                "Begin one at /api/v1/models/\(model)/uploads.")
        }
        let base = try readable(fields, "base")
        let lacking = try call.runner.uploads.lacking(upload, of: model)
        guard lacking.isEmpty else {
            throw Failure.own(
                .conflict, .conflict, "\(lacking.count) parts of this upload are missing.",
                "Send them, then publish.")
        }
        let folder = call.runner.book.file(id, "model").path
        var arguments = ["publish", model, folder]
        if let base {
            arguments.append("--base=\(base)")
        } else if plan.files.contains(where: { $0.path == "adapter_config.json" }),
            call.token?.allows(.read, of: nil) != true
        {
            // What the adapter's configuration names may be another's model.
            throw OrderFields.wrong("base", "is needed for an adapter")
        }
        return try Order(
            id: id, arguments: arguments, shown: shown(), samples: nil, upload: upload)
    }

    private func forget(_ id: String) throws -> Order {
        let fields = try OrderFields(
            body,
            knowing: Self.place.union([
                "classes", "samples", "separately", "dataset", "recipe", "policy", "plan", "seed",
                "reference",
            ]))
        let classes = try fields.integers("classes", in: 0...10_000_000, atMost: 10_000)
        let samples = try fields.lines("samples", limitBytes: 1000, atMost: 10_000)
        guard (classes == nil) != (samples == nil) else {
            throw OrderFields.wrong("classes", "or \"samples\" says what to forget, one of them")
        }
        guard let dataset = try fields.name("dataset") else {
            throw OrderFields.wrong("dataset", "is missing")
        }
        var arguments = ["forget", model]
        if let classes { arguments += ["--class"] + classes.map(String.init) }
        if try fields.flag("separately") {
            guard classes != nil else {
                throw OrderFields.wrong("separately", "belongs to \"classes\"")
            }
            arguments.append("--separately")
        }
        if try fields.flag("plan") {
            // A plan names every line that has the data, whosever it is.
            guard call.token?.allows(.read, of: nil) == true else {
                throw Failure.own(
                    .forbidden, .refused, "A plan is for tokens that may read every model.")
            }
            arguments.append("--plan")
        }
        arguments.append("--dataset=\(dataset)")
        for name in ["recipe", "policy"] {
            if let value = try fields.name(name) { arguments.append("--\(name)=\(value)") }
        }
        if let seed = try fields.integer("seed", in: 0...(1 << 52)) {
            arguments.append("--seed=\(seed)")
        }
        if let reference = try fields.text("reference", limitBytes: 200) {
            arguments.append("--reference=\(reference)")
        }
        arguments += try place(fields)
        if samples != nil {
            arguments.append("--samples=\(call.runner.book.file(id, "samples").path)")
        }
        return try Order(
            id: id, arguments: arguments, shown: shown(), samples: samples, upload: nil)
    }

    private func judge(_ id: String) throws -> Order {
        let known = Self.place.union(Self.judge).union(verb == .verify ? ["revision"] : [])
        let fields = try OrderFields(body, knowing: known)
        let revision = try fields.name("revision").map { "\(model)@\($0)" }
        var arguments = [verb.rawValue, revision ?? model]
        for name in ["dataset", "split", "policy"] {
            if let value = try fields.name(name) { arguments.append("--\(name)=\(value)") }
        }
        if let tier = try fields.integer("tier", in: 1...2) {
            guard !fields.has("policy") else {
                throw OrderFields.wrong("tier", "and \"policy\" exclude each other")
            }
            arguments.append("--tier=\(tier)")
        }
        if let reference = try readable(fields, "reference") {
            arguments.append("--reference=\(reference)")
        }
        arguments += try place(fields)
        return try Order(
            id: id, arguments: arguments, shown: shown(), samples: nil, upload: nil)
    }

    private func place(_ fields: OrderFields) throws -> [String] {
        var arguments: [String] = []
        if let device = try fields.word("device", of: ["cpu", "cuda"]) {
            arguments.append("--device=\(device)")
        }
        let cores = ProcessInfo.processInfo.activeProcessorCount
        if let threads = try fields.integer("threads", in: 1...cores) {
            arguments.append("--threads=\(threads)")
        }
        return arguments
    }

    /// A version of a model that the client may read; another's is as if it were not there.
    private func readable(_ fields: OrderFields, _ name: String) throws -> String? {
        guard let found = try fields.revision(name) else { return nil }
        guard call.mayRead(found.model) else { throw Failure.noModel(found.model) }
        return found.text
    }

    /// What was asked; of samples only how many, as their names may be names of people.
    private func shown() throws -> JSONValue {
        var members = body.isEmpty ? [:] : try StrictJSON.parse(body).objectValue ?? [:]
        if let samples = members["samples"]?.arrayValue {
            members["samples"] = .number(Double(samples.count))
        }
        return .object(members)
    }
}
