internal import CGit2
internal import LetheRecords
internal import LetheStorage

@testable internal import LetheRegistry

extension Target {
    static let nameTargets = [
        Target(name: "tree-path", longestInputBytes: 600) { input in
            let path = try TreePath(text(input))
            require(path.description.utf8.elementsEqual(text(input).utf8), "A path was changed")
            // The operating system splits paths at the byte 0x2F, whatever Swift takes for letters.
            let components = path.description.utf8.split(
                separator: UInt8(ascii: "/"), omittingEmptySubsequences: false
            ).map { String(decoding: $0, as: UTF8.self) }
            require(
                path.components.map { Array($0.utf8) } == components.map { Array($0.utf8) },
                "The components are not those of the operating system")
            for component in components { checkComponent(component) }
            require(path.name == components.last, "The name is not the last component")
            expecting("One path collides with nothing") { try TreePath.refuseCollisions([path]) }
        },
        Target(name: "reference-name", longestInputBytes: 256) { input in
            let name = text(input)
            if let reference = ReferenceName(name) {
                require(reference.description.utf8.elementsEqual(name.utf8), "A name was changed")
                checkWithGit(reference)
            }
            let made = [try? ReferenceName.model(name), try? ReferenceName.dataset(name)]
            for reference in made.compactMap({ $0 }) {
                require(reference.name.utf8.elementsEqual(name.utf8), "A name was changed")
                require(
                    ReferenceName(reference.description) == reference, "A name is not its own name")
                checkWithGit(reference)
            }
        },
        Target(name: "shard-index") { input in
            let index = try ShardIndex(parsing: input)
            require(!index.shardNames.isEmpty, "An index has no shards")
            require(Set(index.shardNames).count == index.shardNames.count, "A shard is there twice")
            for name in index.shardNames {
                let path = expecting("A shard's name is a path") { try TreePath(name) }
                require(path.components == [name], "A shard lies in another folder")
                require(ShardIndex.isShard(name), "A shard does not look like one")
            }
        },
        Target(name: "revision", longestInputBytes: 256) { input in
            let revision = try Revision(text(input))
            require(
                revision.description.utf8.elementsEqual(text(input).utf8), "A revision was changed")
            let again = expecting("A revision is read again") {
                try Revision(revision.description)
            }
            require(again == revision, "A revision is two")
            // What follows must be a name before it reaches a file system or git.
            guard let reference = try? ReferenceName.model(revision.model) else { return }
            checkWithGit(reference)
        },
    ]

    private static func checkComponent(_ component: String) {
        let bytes = Array(component.utf8)
        require(!["", ".", ".."].contains(component), "A path leaves its folder")
        require(
            !bytes.contains { $0 < 0x20 || $0 == 0x7F || $0 == UInt8(ascii: "\\") },
            "A component has a character that no name may have")
        require(component.lowercased() != ".git", "A path reaches into git's own folder")
        require(bytes.count <= 512, "A component is too long")
    }

    private static func checkWithGit(_ reference: ReferenceName) {
        require(
            reference.description.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F },
            "A name has a character that is no name's")
        var isValid: CInt = 0
        let code = unsafe git_reference_name_is_valid(&isValid, reference.description)
        require(code == 0 && isValid == 1, "git does not take the name \(reference)")
    }
}
