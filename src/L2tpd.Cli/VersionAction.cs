using System.CommandLine;
using System.CommandLine.Invocation;

namespace L2tpd.Cli;

/// <summary>Prints "l2tpctl 0.1.0": the version of this program, also when it runs in another process.</summary>
internal sealed class VersionAction : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        parseResult.InvocationConfiguration.Output.WriteLine($"l2tpctl {typeof(VersionAction).Assembly.GetName().Version?.ToString(3)}");
        return ExitCodes.Ok;
    }
}
