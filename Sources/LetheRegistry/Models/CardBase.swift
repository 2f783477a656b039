internal import LetheRecords

/// What a model card's front matter says about where a version came from (`base_model` and
/// `base_model_relation` of the Hugging Face Hub's model cards).
///
/// Its lines carry a mark, so that the next version's card can replace them; what an author says
/// stands.
struct CardBase {
    /// How a model came of its base, in the Hub's words.
    enum Relation: String {
        case adapter
        case finetune
    }

    /// The base's name in this registry.
    let model: String
    /// The digest of the base's manifest, which says which version it was.
    let version: Digest
    let relation: Relation

    private static let mark = " # lethe"
    private static let fence = "---"

    /// The card with the lines of the base in its front matter, unless its author has named one.
    func added(to card: String) -> String {
        let lines = [
            "base_model: lethe/\(model)\(Self.mark): \(version)",
            "base_model_relation: \(relation.rawValue)\(Self.mark)",
        ]
        // Another system's ends of lines are the author's; a second front matter is nobody's.
        guard !card.hasPrefix("\(Self.fence)\r\n") else { return card }
        guard let front = Self.front(of: card) else {
            return ([Self.fence] + lines + [Self.fence, card]).joined(separator: "\n")
        }
        let hasBase = front.own.contains { $0.hasPrefix("base_model:") }
        return Self.joined(front.own + (hasBase ? [] : lines), front.rest)
    }

    /// The card without the lines that `added` has put there.
    static func removed(from card: String) -> String {
        guard let front = front(of: card) else { return card }
        let own = front.own.filter { !($0.hasPrefix("base_model") && $0.contains(mark)) }
        guard own.count < front.own.count else { return card }
        return own.isEmpty ? front.rest.joined(separator: "\n") : joined(own, front.rest)
    }

    private static func joined(_ front: [String], _ rest: [Substring]) -> String {
        ([fence] + front + [fence] + rest.map(String.init)).joined(separator: "\n")
    }

    /// The lines between the fences at the beginning of a card, and those behind; nil if there are
    /// no fences.
    private static func front(of card: String) -> (own: [String], rest: [Substring])? {
        let lines = card.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.first == fence[...],
            let end = lines.dropFirst().firstIndex(where: { $0 == fence })
        else { return nil }
        return (lines[1..<end].map(String.init), Array(lines[(end + 1)...]))
    }
}
