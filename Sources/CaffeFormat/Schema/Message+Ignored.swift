import CaffeCore

extension Message {
  /// A note for every field of the message, and of the messages in it, that is read and not acted upon: one a field, at its
  /// first place.
  public var notesOnIgnoredFields: Diagnostics {
    var seen = Set<String>()
    var notes = Diagnostics()
    collectNotes(&seen, &notes)
    return notes
  }

  private func collectNotes(_ seen: inout Set<String>, _ notes: inout Diagnostics) {
    for entry in entries {
      if let reason = entry.field.ignored, seen.insert("\(schema.name).\(entry.field.name)").inserted {
        notes.append(
          Diagnostic(
            "\"\(entry.field.name)\" is read and not acted upon: \(reason)", at: entry.nameLocation, severity: .note))
      }
      entry.value.message?.collectNotes(&seen, &notes)
    }
  }
}
