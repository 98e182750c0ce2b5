import CaffeMPI
import CaffeTraining
import Testing

@Suite("How a process learns that it is one of several")
struct MPILaunchTests {
  @Test(
    "the launcher's environment tells",
    arguments: [
      ([:], MPILaunch.alone), (["OMPI_COMM_WORLD_SIZE": "1"], .alone), (["OMPI_COMM_WORLD_SIZE": "2"], .openMPI),
      (["PMI_SIZE": "1"], .alone), (["PMI_SIZE": "4"], .foreign("4 by a launcher of MPICH's kind (PMI_SIZE)")),
      // What a job script has around a program that it starts itself.
      (["SLURM_NTASKS": "8", "SLURM_PROCID": "0"], .alone), (["SLURM_STEP_NUM_TASKS": "8", "PMIX_RANK": "3"], .openMPI),
      (["SLURM_STEP_NUM_TASKS": "8"], .foreign("8 by srun without PMIx (SLURM_STEP_NUM_TASKS)")),
    ])
  func environment(_ environment: [String: String], _ launch: MPILaunch) {
    #expect(MPILaunch(environment) == launch)
  }

  @Test("the cores it may run on become threads, or its share of a host's that it was not bound to some of")
  func threads() {
    func threads(_ cores: Int, _ areBound: Bool, _ environment: [String: String]) -> Int {
      MPILaunch.threads(cores: cores, areBound: areBound, environment)
    }
    #expect(threads(8, false, [:]) == 8 && threads(3, true, [:]) == 3)
    let job = ["OMPI_COMM_WORLD_SIZE": "4", "OMPI_COMM_WORLD_LOCAL_SIZE": "2"]
    #expect(threads(3, true, job) == 3 && threads(8, false, job) == 4 && threads(1, false, job) == 1)
    #expect(threads(8, false, ["SLURM_STEP_NUM_TASKS": "8", "PMIX_RANK": "3", "SLURM_NTASKS_PER_NODE": "4"]) == 2)
  }

  @Test("one of several that cannot find each other is refused")
  func foreign() throws {
    let error = #expect(throws: RankError.self) { _ = try MPILaunch(["PMI_SIZE": "3"]).join { _ in } }
    #expect(
      error?.description
        == "this process is one of 3 by a launcher of MPICH's kind (PMI_SIZE), which would all do the same alone; start them with "
        + "Open MPI's mpirun, or with srun --mpi=pmix")
    #expect(try MPILaunch([:]).join { _ in } == nil)
  }
}
