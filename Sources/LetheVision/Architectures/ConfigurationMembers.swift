import LetheRecords

/// Members of a `config.json`.
extension JSONValue {
    /// A whole number; a member that is missing or null has the default.
    func integer(_ name: String, default fallback: Int) throws(LetheError) -> Int {
        guard let value = self[name], value != .null else { return fallback }
        return try integer(name)
    }

    /// A whole number that has to be there.
    func integer(_ name: String) throws(LetheError) -> Int {
        guard let integer = self[name]?.integerValue else {
            throw ConfigurationFile.malformed("\(name) is not a whole number")
        }
        return integer
    }

    /// A list of whole numbers; one that is missing has the default.
    func integers(_ name: String, default fallback: [Int]? = nil) throws(LetheError) -> [Int] {
        if let fallback, self[name] == nil { return fallback }
        let list = self[name]?.arrayValue ?? []
        let integers = list.compactMap(\.integerValue)
        guard !integers.isEmpty, integers.count == list.count else {
            throw ConfigurationFile.malformed("\(name) is not a list of whole numbers")
        }
        return integers
    }

    /// The names of the classes in `id2label`, in the order of the labels, where there are any.
    func classNames() throws(LetheError) -> [String]? {
        guard let json = self["id2label"], json != .null else { return nil }
        let members = json.objectValue ?? [:]
        let names = (0..<members.count).compactMap { members[String($0)]?.stringValue }
        guard !names.isEmpty, names.count == members.count else {
            throw ConfigurationFile.malformed("id2label does not name the labels 0, 1, 2, ...")
        }
        return names
    }
}
