using Xunit.Abstractions;

namespace L2tpd.Attack.Tests;

/// <summary>Figures of the attacks: to the output of the test and to out/test/attack/figures.txt.</summary>
internal static class Figures
{
    private static readonly Lock Lock = new();

    public static void Write(ITestOutputHelper output, string line)
    {
        output.WriteLine(line);
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "L2tpd.sln")))
            root = root.Parent;
        if (root is null)
            return;
        lock (Lock)
            File.AppendAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(root.FullName, "out", "test", "attack")).FullName, "figures.txt"), line + "\n");
    }
}
