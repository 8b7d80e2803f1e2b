namespace L2tpd.Attack.Tests;

/// <summary>Figures of the attacks: to the output of the test and to out/test/attack/figures.txt.</summary>
internal static class Figures
{
    private static readonly Lock Lock = new();

    public static void Write(ITestOutputHelper output, string line)
    {
        output.WriteLine(line);
        lock (Lock)
        {
            File.AppendAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(RepositoryFiles.Root, "out", "test", "attack")).FullName,
                "figures.txt"), line + "\n");
        }
    }
}
