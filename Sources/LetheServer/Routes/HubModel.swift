internal import LetheRecords
internal import LetheRegistry

/// A model as clients of the Hub name it: `faces` or `lethe/faces`.
///
/// Models of Lethe have no owner. Clients that insist on one write `lethe`.
struct HubModel: Sendable, Equatable {
    static let owner = "lethe"

    /// The name in the registry.
    let name: String
    /// The name that the client used.
    let shown: String

    /// Takes the components before `verb`, which must be one or two; gives what follows it, too.
    static func split(
        _ components: some Collection<String>, before verb: String
    ) -> (model: HubModel, rest: [String])? {
        let list = Array(components)
        for count in [1, 2] where list.count > count && list[count] == verb {
            guard let model = HubModel(list.prefix(count)) else { continue }
            return (model, Array(list.dropFirst(count + 1)))
        }
        return nil
    }

    /// Takes `faces`, or `lethe` and `faces`.
    init?(_ components: some Collection<String>) {
        guard let name = Array(components).last,
            components.count == 1 || components.count == 2 && components.first == Self.owner
        else { return nil }
        self.name = name
        shown = components.joined(separator: "/")
    }

    /// The version that a revision of the Hub names, if it is given out.
    ///
    /// `main` and `certified` are the newest certified version. A version that nobody certified is
    /// given out, if at all, only to those who name it exactly.
    func version(_ revision: String, for call: Call) throws -> Version {
        guard try call.registry.hasModel(name) else { throw Failure.noModel(shown) }
        let selector = revision == "main" ? "certified" : revision
        let isExact = !["certified", "latest"].contains(selector)
        do throws(LetheError) {
            let allowing = call.settings.givesUncertified && isExact
            if let tagged = try call.registry.version(tagged: selector, of: name) {
                try call.registry.refuseUnreleased(tagged, allowingUncertified: allowing)
                return tagged
            }
            return try call.registry.released(
                Revision("\(name)@\(selector)"), allowingUncertified: allowing)
        } catch {
            let isUnknown = error.code == .notFound || error.code == .invalidArgument
            throw isUnknown ? Failure.noRevision(revision, of: shown) : Failure(error)
        }
    }

    /// Everything that a consumer of that version receives.
    func release(_ revision: String, for call: Call) throws -> Release {
        try release(version(revision, for: call), for: call)
    }

    /// Everything that a consumer of a version receives.
    func release(_ version: Version, for call: Call) throws -> Release {
        do throws(LetheError) {
            return try call.registry.release(version)
        } catch {
            throw Failure(error)
        }
    }
}

extension ReleasedFile {
    /// What names these bytes for the Hub's clients: SHA-256 for large files, git's name for texts.
    var entityTag: String { pointerSizeBytes == nil ? blob : digest.hex }

    /// What the Hub tells of a large file; nil for a text.
    var largeFile: JSONValue? {
        pointerSizeBytes.map {
            [
                "oid": .string(digest.hex), "size": .number(Double(sizeBytes)),
                "pointerSize": .number(Double($0)),
            ]
        }
    }
}
