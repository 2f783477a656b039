internal import Foundation
internal import LetheRecords

/// Reads every commit that a reference reaches, and every file of it.
///
/// libgit2 compares each git object with its name while reading.
struct LineageCheck {
    let lineage: Lineage

    /// What was found.
    struct Outcome {
        var findings: [StoreFinding] = []
        var referenceCount = 0
        var commitCount = 0
        /// Each pointer, and one place where it stands.
        var pointers: [LargeFilePointer: String] = [:]
    }

    func run() -> Outcome {
        var outcome = Outcome()
        var waiting = tips(&outcome)
        var seen = Set(waiting)
        var blobs: Set<String> = []
        while let id = waiting.popLast() {
            do throws(LetheError) {
                let commit = try lineage.commit(id)
                outcome.commitCount += 1
                waiting += commit.parents.filter { seen.insert($0).inserted }
                for file in try lineage.files(at: id) where blobs.insert(file.blob).inserted {
                    check(file, at: id, &outcome)
                }
            } catch {
                outcome.findings.append(damage("commit-damaged", id.hex, error))
            }
        }
        return outcome
    }

    private func tips(_ outcome: inout Outcome) -> [CommitID] {
        do throws(LetheError) {
            let names = try lineage.using { (git) throws(LetheError) in try git.referenceNames() }
            outcome.referenceCount = names.count
            return names.compactMap { tip(of: $0, &outcome) }
        } catch {
            outcome.findings.append(damage("references-damaged", lineage.url.path, error))
            return []
        }
    }

    private func tip(of name: String, _ outcome: inout Outcome) -> CommitID? {
        if ReferenceName(name) == nil {
            outcome.findings.append(
                StoreFinding(
                    isDamage: false, code: "reference-foreign", place: name,
                    message: "This reference is not one that Lethe makes.",
                    remedy: "Remove it with git update-ref -d, or leave it: Lethe ignores it."))
        }
        do throws(LetheError) {
            try checkForm(of: name)
            return try lineage.using { (git) throws(LetheError) in try git.target(of: name) }
        } catch {
            outcome.findings.append(damage("reference-damaged", name, error))
            return nil
        }
    }

    /// A loose reference of Lethe is forty digits and a line break; git tolerates more.
    private func checkForm(of name: String) throws(LetheError) {
        let url = lineage.url.appending(path: name)
        guard ReferenceName(name) != nil, try FileStatus.of(url.path) != nil else { return }
        let bytes = try lineage.files.readFile(url)
        guard bytes.count == 41, bytes.last == UInt8(ascii: "\n"),
            CommitID(String(decoding: bytes.dropLast(), as: UTF8.self)) != nil
        else { throw GitRepository.damaged(name) }
    }

    private func check(_ file: TreeFile, at id: CommitID, _ outcome: inout Outcome) {
        let place = "\(id.hex.prefix(12)):\(file.path)"
        do throws(LetheError) {
            let bytes = try lineage.read(file)
            _ = try TreePath(file.path)
            if let pointer = try LargeFilePointer.parse(bytes) {
                outcome.pointers[pointer] = outcome.pointers[pointer] ?? place
            }
        } catch {
            outcome.findings.append(damage("file-damaged", place, error))
        }
    }

    private func damage(_ code: String, _ place: String, _ error: LetheError) -> StoreFinding {
        StoreFinding(
            code: code, place: place, message: error.message,
            remedy: error.remedy
                ?? "Restore the git object from another copy of the lineage (git fetch).")
    }
}
