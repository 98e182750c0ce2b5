import CMPI
import CaffeTraining

/// How this process was started, as its environment tells.
public enum MPILaunch: Equatable, Sendable {
  /// By itself, or as the only one of its job.
  case alone
  /// As one of several by Open MPI's mpirun, or by a scheduler that speaks Open MPI's PMIx.
  case openMPI
  /// As one of several by a launcher whose processes cannot find each other through Open MPI.
  case foreign(String)

  /// - Parameter environment: the process's.
  public init(_ environment: [String: String]) {
    func number(_ name: String) -> Int { environment[name].flatMap { Int($0) } ?? 1 }
    if environment["OMPI_COMM_WORLD_SIZE"] != nil {
      self = number("OMPI_COMM_WORLD_SIZE") > 1 ? .openMPI : .alone
    } else if number("PMI_SIZE") > 1 {
      self = .foreign("\(number("PMI_SIZE")) by a launcher of MPICH's kind (PMI_SIZE)")
    } else if number("SLURM_STEP_NUM_TASKS") > 1 {
      let isPMIx = environment["PMIX_RANK"] != nil
      self = isPMIx ? .openMPI : .foreign("\(number("SLURM_STEP_NUM_TASKS")) by srun without PMIx (SLURM_STEP_NUM_TASKS)")
    } else {
      self = .alone
    }
  }

  /// Compute threads for this process: as many as the cores that it may use, or for one of a job's that the launcher has not bound to some
  /// of the host's its share.
  ///
  /// - Parameters:
  ///   - cores: that this process may use.
  ///   - areBound: whether they are its own.
  public static func threads(cores: Int, areBound: Bool, _ environment: [String: String]) -> Int {
    guard MPILaunch(environment) == .openMPI, !areBound else { return cores }
    let names = ["OMPI_COMM_WORLD_LOCAL_SIZE", "SLURM_NTASKS_PER_NODE"]
    let ranks = names.lazy.compactMap { environment[$0].flatMap { Int($0) } }.first { $0 > 0 } ?? 1
    return max(1, cores / ranks)
  }

  /// The other processes of the job; nil when there are none.
  ///
  /// - Parameter onFailure: told, on a thread of its own, why the job cannot go on: a rank that is silent, or an error of MPI.
  /// - Throws: `RankError` when there are others that cannot be reached.
  public func join(onFailure: @escaping @Sendable (String) -> Void) throws(RankError) -> MPICommunicator? {
    switch self {
    case .alone: return nil
    case .openMPI: return try MPICommunicator(onFailure: onFailure)
    case .foreign(let what):
      throw RankError(
        "this process is one of \(what), which would all do the same alone; start them with Open MPI's mpirun, or with "
          + "srun --mpi=pmix")
    }
  }
}
