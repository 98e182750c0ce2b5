import Foundation
import PackagePlugin

/// Puts the directories under `models` into the program: what `ModelEmbedder` writes is compiled into the target.
@main
struct EmbedModels: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: Target) throws -> [Command] {
    let models = context.package.directoryURL.appending(path: "models", directoryHint: .isDirectory)
    let paths = try FileManager.default.subpathsOfDirectory(atPath: models.path).sorted()
    let output = context.pluginWorkDirectoryURL.appending(path: "EmbeddedModels.swift")
    return [
      .buildCommand(
        displayName: "Embedding the models", executable: try context.tool(named: "ModelEmbedder").url,
        arguments: [models.path, output.path], inputFiles: paths.map { models.appending(path: $0) }, outputFiles: [output])
    ]
  }
}
