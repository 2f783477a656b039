internal import Foundation
public import LetheRecords
internal import LetheStorage

/// A moving name of a model's versions.
public enum Alias: String, Sendable, CaseIterable {
    /// The newest version.
    case latest
    /// The newest certified version.
    case certified
}

/// A moment at which an alias began to point at a version.
public struct AliasMove: Sendable, Equatable {
    /// Which alias.
    public let alias: Alias
    /// The number of the version that it points at from here on.
    public let number: Int
    /// From when; never earlier than the move before it.
    public let since: Timestamp
    /// Which entry of the log says so.
    public let entryIndex: Int
    /// The entry.
    public let leaf: LogLeaf
}

extension Registry {
    /// What the aliases of a model have pointed at, oldest first, as the signed log has it.
    ///
    /// A move counts from the time that its entry states. Where a clock went backwards, it counts
    /// from the move before it, so that the order of the log holds.
    ///
    /// - Throws: `notFound` if there is no such model, `integrity` if the log is damaged.
    public func aliasHistory(_ model: String) throws(LetheError) -> [AliasMove] {
        _ = try ReferenceName.model(model)
        let checkpoint = try openCheckpoint(self.checkpoint())
        var moves: [AliasMove] = []
        var latest = Timestamp(secondsSince1970: .min)
        // Every other model's entries are passed over before they are parsed.
        let needle = Data("\"name\":\"\(model)\"".utf8)
        let outcome = try LogScan(storage.log, checkpoint: checkpoint).run {
            (index, entry) throws(LetheError) in
            guard Data(entry).range(of: needle) != nil, !JudgementEntry.claims(entry)
            else { return }
            let leaf = try LogLeaf.read(canonical: entry)
            guard leaf.kind == .model, leaf.name == model else { return }
            latest = max(latest, leaf.time)
            for alias in Alias.allCases where alias.moves(with: leaf) {
                moves.append(
                    AliasMove(
                        alias: alias, number: leaf.number, since: latest, entryIndex: index,
                        leaf: leaf))
            }
        }
        if let finding = outcome.findings.first {
            throw LetheError(
                code: .integrity, message: finding.message, remedy: finding.remedy)
        }
        guard !moves.isEmpty else { throw try unknown(model: model) }
        return moves
    }

    /// The version that an alias pointed at, at a past second.
    ///
    /// - Throws: `notFound` if it pointed at nothing then; `integrity` if the version is no longer
    ///   what was logged.
    public func resolve(
        _ model: String, _ alias: Alias, at moment: Timestamp
    ) throws(LetheError) -> Version {
        let moves = try aliasHistory(model).filter { $0.alias == alias }
        guard let move = moves.last(where: { $0.since <= moment }) else {
            throw LetheError(
                code: .notFound,
                message: "\(model)@\(alias.rawValue) pointed at nothing at \(moment).",
                remedy: moves.first.map { "It began to at \($0.since), with v\($0.number)." }
                    ?? "It never did; see lethe log \(model).")
        }
        guard let commit = CommitID(move.leaf.commit),
            case let version = try version(at: commit), version.manifestDigest == move.leaf.record
        else {
            throw LetheError(
                code: .integrity,
                message: "\(move.leaf.title) is no longer what the log says of it.",
                remedy: "Run lethe audit.")
        }
        return version
    }
}

extension Alias {
    fileprivate func moves(with leaf: LogLeaf) -> Bool {
        switch self {
        case .latest: true
        case .certified: leaf.operation == Operation.certify.rawValue
        }
    }
}
