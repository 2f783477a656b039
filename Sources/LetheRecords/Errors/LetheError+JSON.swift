/// Errors as programs get them: in `--json`, from servers, and from other machines.
extension LetheError {
    /// `code`, `message`, `remedy` and `cause`; what there is not is null.
    public var json: JSONValue {
        [
            "code": .string(code.description), "message": .string(message),
            "remedy": remedy.map(JSONValue.string) ?? .null,
            "cause": cause.map(JSONValue.string) ?? .null,
        ]
    }

    /// Reads what another program says; nil if it says no code or no message.
    ///
    /// A code that this version does not know counts as `io`; a cause is the other program's own.
    public init?(json: JSONValue) {
        guard let name = json["code"]?.stringValue, let message = json["message"]?.stringValue
        else { return nil }
        self.init(
            code: .named(name) ?? .io, message: message, remedy: json["remedy"]?.stringValue)
    }
}
