internal import Foundation
internal import LetheRecords

extension Target {
    static let jsonTargets = [
        Target(
            name: "json", seeds: ["schemas/v1/vectors", "Tests/Fixtures/vision/models"]
        ) { input in
            let value = try StrictJSON.parse(input)
            let canonical = expecting("What was read is written") {
                try CanonicalJSON.encode(value)
            }
            let again = expecting("The canonical form is read") { try StrictJSON.parse(canonical) }
            require(again == value, "The canonical form says something else")
            require(
                expecting("It is written again") { try CanonicalJSON.encode(again) } == canonical,
                "A value has two canonical forms")
            let pretty = expecting("The form for people is read") {
                try StrictJSON.parse(Array(PrettyJSON.text(value).utf8))
            }
            require(pretty == value, "The form for people says something else")
        },
        // Records are read by two readers, ours and Foundation's: they must not disagree.
        Target(name: "json-readers", seeds: ["schemas/v1/vectors"], longestInputBytes: 1024) {
            input in
            let value = try StrictJSON.parse(input)
            guard let other = try? JSONDecoder().decode(JSONValue.self, from: Data(input)) else {
                return
            }
            require(other == value, "Two readers of JSON disagree")
        },
        Target(name: "timestamp", longestInputBytes: 64) { input in
            guard let moment = Timestamp(text(input)) else { return }
            require(Array(moment.description.utf8) == input, "A moment has two spellings")
        },
    ]
}
