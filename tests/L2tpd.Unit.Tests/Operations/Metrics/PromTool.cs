using System.Diagnostics;

namespace L2tpd.Unit.Tests.Operations.Metrics;

/// <summary>promtool of Debian's package prometheus. Where it is absent nothing is checked, which is a failure in CI.</summary>
internal static class PromTool
{
    /// <summary>Runs it; <c>null</c> if there is none.</summary>
    public static (int Code, string Output)? Run(ITestOutputHelper output, string input, params string[] arguments)
    {
        var start = new ProcessStartInfo("promtool", arguments)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        try
        {
            using var process = Process.Start(start)!;
            var errors = process.StandardError.ReadToEndAsync();
            var said = process.StandardOutput.ReadToEndAsync();
            process.StandardInput.Write(input);
            process.StandardInput.Close();
            if (!process.WaitForExit(TimeSpan.FromSeconds(60)))
            {
                process.Kill();
                Assert.Fail("promtool did not end within 60 s");
            }

            return (process.ExitCode, said.GetAwaiter().GetResult() + errors.GetAwaiter().GetResult());
        }
        catch (System.ComponentModel.Win32Exception) when (Environment.GetEnvironmentVariable("CI") is null)
        {
            output.WriteLine("promtool is not installed: nothing was checked");
            return null;
        }
    }
}
