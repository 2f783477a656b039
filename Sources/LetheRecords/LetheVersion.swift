/// The version of this source tree, written into every manifest.
public let letheVersion = "0.1.0"
