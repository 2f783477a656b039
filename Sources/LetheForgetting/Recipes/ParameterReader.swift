import Foundation
import LetheRecords

/// Takes named values out of a recipe, one by one, and in the end refuses what nobody took.
///
/// What was taken, defaults included, is `resolved`: the manifest records it.
struct ParameterReader {
    private let recipe: String
    private let members: [String: JSONValue]
    private(set) var resolved: [String: JSONValue] = [:]

    /// - Throws: `invalidArgument` if the recipe is for another method or has no object of parameters.
    init(_ recipe: Recipe, method: String) throws(LetheError) {
        guard recipe.method == method else {
            throw LetheError(
                code: .invalidArgument,
                message: "The recipe \"\(recipe.name)\" is for the method \"\(recipe.method)\", "
                    + "not for \"\(method)\".",
                remedy: "Choose a recipe whose method is \"\(method)\".")
        }
        guard let members = recipe.parameters.objectValue else {
            throw LetheError(
                code: .invalidArgument,
                message: "The parameters of the recipe \"\(recipe.name)\" are not an object.",
                remedy: "Write them as {\"name\": value, ...}.")
        }
        self.recipe = recipe.name
        self.members = members
    }

    /// A number of the range; the default where the recipe does not say.
    mutating func number(
        _ name: String, default value: Double, in range: ClosedRange<Double>
    ) throws(LetheError) -> Double {
        let given = members[name] ?? .number(value)
        guard let number = given.numberValue, range.contains(number) else {
            throw refusal(name, "a number from \(range.lowerBound) to \(range.upperBound)")
        }
        resolved[name] = .number(number)
        return number
    }

    /// A whole number of the range.
    mutating func integer(
        _ name: String, default value: Int, in range: ClosedRange<Int>
    ) throws(LetheError) -> Int {
        let given = members[name] ?? .number(Double(value))
        guard let integer = given.integerValue, range.contains(integer) else {
            throw refusal(name, "a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        resolved[name] = .number(Double(integer))
        return integer
    }

    /// Numbers of the range; none where the recipe does not say.
    mutating func numbers(
        _ name: String, in range: ClosedRange<Double>
    ) throws(LetheError) -> [Double] {
        let given = members[name] ?? .array([])
        guard let values = given.arrayValue, case let numbers = values.compactMap(\.numberValue),
            numbers.count == values.count, numbers.allSatisfy(range.contains)
        else {
            throw refusal(
                name, "a list of numbers from \(range.lowerBound) to \(range.upperBound)")
        }
        resolved[name] = given
        return numbers
    }

    /// True or false.
    mutating func flag(_ name: String, default value: Bool) throws(LetheError) -> Bool {
        guard let flag = (members[name] ?? .bool(value)).boolValue else {
            throw refusal(name, "true or false")
        }
        resolved[name] = .bool(flag)
        return flag
    }

    /// One of the words of an enumeration.
    mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ name: String, default value: Choice
    ) throws(LetheError) -> Choice {
        guard let word = (members[name] ?? .string(value.rawValue)).stringValue,
            let choice = Choice(rawValue: word)
        else {
            let words = Choice.allCases.map { "\"\($0.rawValue)\"" }
            throw refusal(name, "one of " + words.joined(separator: ", "))
        }
        resolved[name] = .string(choice.rawValue)
        return choice
    }

    /// The values read so far, after checking that the recipe says nothing else.
    ///
    /// - Throws: `invalidArgument` naming the unknown parameter and the nearest known one.
    func finish() throws(LetheError) -> JSONValue {
        if let unknown = members.keys.filter({ resolved[$0] == nil }).sorted().first {
            let nearest = Spelling.nearest(to: unknown, among: resolved.keys.sorted())
            throw LetheError(
                code: .invalidArgument,
                message: "The recipe \"\(recipe)\" has an unknown parameter \"\(unknown)\".",
                remedy: nearest.map { "Did you mean \"\($0)\"?" }
                    ?? "Known are: " + resolved.keys.sorted().joined(separator: ", ") + ".")
        }
        return .object(resolved)
    }

    private func refusal(_ name: String, _ expected: String) -> LetheError {
        LetheError(
            code: .invalidArgument,
            message: "The parameter \"\(name)\" of the recipe \"\(recipe)\" must be \(expected).",
            remedy: "Correct the recipe.")
    }
}

/// Guesses what a misspelt name was meant to be.
enum Spelling {
    /// The known word with the smallest edit distance, if it is near: a third of the letters.
    static func nearest(to word: String, among known: [String]) -> String? {
        let candidates = known.map { (word: $0, distance: distance(word, $0)) }
        guard let best = candidates.min(by: { $0.distance < $1.distance }) else { return nil }
        return best.distance * 3 <= max(word.count, best.word.count) ? best.word : nil
    }

    /// The number of letters to insert, delete or replace (Levenshtein), ignoring case.
    static func distance(_ left: String, _ right: String) -> Int {
        let left = Array(left.lowercased())
        let right = Array(right.lowercased())
        var row = Array(0...right.count)
        for (i, letter) in left.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, other) in right.enumerated() {
                let replaced = diagonal + (letter == other ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(replaced, row[j] + 1, row[j + 1] + 1)
            }
        }
        return row[right.count]
    }
}
