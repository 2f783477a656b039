internal import Foundation
internal import LetheCertificates
public import LetheRecords
internal import LetheStorage

/// What is encrypted with the object keys of one line.
public struct ObjectKeyUse: Sendable {
    /// The line; nil for keys that are not at hand.
    public let line: String?
    /// The keys' fingerprints, oldest first; a line has more than one while they are being replaced.
    public let fingerprints: [String]
    /// How many objects there are.
    public internal(set) var objectCount = 0
    /// Their bytes.
    public internal(set) var sizeBytes = 0
    /// How many of them each version needs, such as `faces@v4`; an object that several need counts
    /// for one of them.
    public internal(set) var needs: [String: Int] = [:]

    /// How many of them no version needs.
    public var unneededCount: Int { objectCount - needs.values.reduce(0, +) }
}

extension Registry {
    /// What each key of a folder encrypts, and who needs that.
    ///
    /// - Parameter lines: Models; none for all, and for what is encrypted with other keys.
    /// - Throws: `invalidArgument` if nothing is encrypted here; `notFound` for a line without keys;
    ///   `integrity` if the lineage cannot be read or the header of an object is damaged.
    public func objectKeyUse(
        of lines: [String] = [], keys: KeyFolder
    ) throws(LetheError) -> [ObjectKeyUse] {
        let chosen = try keysByLine(lines, keys)
        var uses = chosen.map { line, keys in
            ObjectKeyUse(line: line, fingerprints: keys.map(\.key.fingerprint))
        }
        var places: [String: Int] = [:]
        for (place, use) in uses.enumerated() {
            for fingerprint in use.fingerprints { places[fingerprint] = place }
        }
        var holders = try objectNeeds(besides: [])
        try holders.update()
        try storage.objects.eachEncrypted { object in
            let fingerprint = Hex.encode(object.key)
            if places[fingerprint] == nil, lines.isEmpty {
                places[fingerprint] = uses.count
                uses.append(ObjectKeyUse(line: nil, fingerprints: [fingerprint]))
            }
            guard let place = places[fingerprint] else { return }
            uses[place].objectCount += 1
            uses[place].sizeBytes += object.sizeBytes
            if let holder = holders.holders[object.digest] {
                uses[place].needs[holder, default: 0] += 1
            }
        }
        return uses
    }

    /// The keys of lines, in the order of their names.
    func keysByLine(
        _ lines: [String], _ keys: KeyFolder
    ) throws(LetheError) -> [(line: String, keys: [ObjectKeyFolder.LineKey])] {
        guard isEncrypted else {
            throw LetheError(
                code: .invalidArgument, message: "This registry does not encrypt its objects.",
                remedy: "Make one that does with lethe init --encrypt.")
        }
        let all = Dictionary(grouping: try ObjectKeyFolder(in: keys.url).keys(), by: \.line)
        for line in lines where all[line] == nil {
            throw LetheError(
                code: .notFound, message: "There is no object key of \(line) in \(keys.url.path).",
                remedy: "See lethe keys list.")
        }
        return all.filter { lines.isEmpty || lines.contains($0.key) }
            .map { (line: $0.key, keys: $0.value) }.sorted { $0.line < $1.line }
    }
}
