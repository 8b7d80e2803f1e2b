using System.Globalization;
using System.Text;
using L2tpd.Configuration;

namespace L2tpd.Unit.Tests.Configuration;

/// <summary>Whatever the file contains, loading returns a configuration or errors, and never throws.</summary>
public sealed class RobustnessTests(ITestOutputHelper output)
{
    private const int Mutations = 60;

    // Characters with a meaning in YAML or in scalars.
    private static readonly string[] Pieces =
        ["{", "}", "[", "]", ":", ": ", "-", "\n", "\n  ", "\t", "'", "\"", "&a ", "*a", "!", "!!int ", "|", ">", "%", "@", "#", "~",
            "null", "0", "-1",
            "99999999999999999999", "1e9", "ms", "/", "::", "é", "\0", "\u2028", "? ", "<<: ", "---\n", "...\n"];

    [Fact]
    public void Mutated_examples_never_throw()
    {
        var seed = Seeds.One(output.WriteLine);
        var random = new Random(seed);
        var refused = 0;
        foreach (var example in Directory.GetFiles(Path.Combine(RepositoryFiles.Root, "config/examples"), "*.yaml")
            .Order(StringComparer.Ordinal))
        {
            var text = File.ReadAllText(example);
            for (var i = 0; i < Mutations; i++)
                refused += Refused(Mutate(text, random), seed) ? 1 : 0;
        }

        Assert.NotEqual(0, refused);
    }

    private static bool Refused(string text, int seed)
    {
        LoadResult result;
        try
        {
            result = TemporaryConfiguration.LoadText(text);
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"L2TPD_SEED={seed} threw on:\n{text}", exception);
        }

        Assert.Equal(result.Errors.IsEmpty, result.Configuration is not null);
        return !result.Errors.IsEmpty;
    }

    private static string Mutate(string text, Random random)
    {
        var mutated = new StringBuilder(text);
        for (var count = random.Next(1, 5); count > 0 && mutated.Length > 0; count--)
        {
            var at = random.Next(mutated.Length);
            var length = Math.Min(random.Next(12), mutated.Length - at);
            switch (random.Next(4))
            {
                case 0:
                    mutated.Remove(at, length);
                    break;
                case 1:
                    mutated.Insert(at, Pieces[random.Next(Pieces.Length)]);
                    break;
                case 2:
                    mutated.Insert(at, mutated.ToString(at, length));
                    break;
                default:
                    mutated[at] = (char)random.Next(1, 0x2100);
                    break;
            }
        }

        return mutated.ToString();
    }

    [Theory]
    [InlineData("data-plane: null")]
    [InlineData("data-plane: 'null'")]
    public void Null_is_a_word_where_one_is_wanted(string text) =>
        Assert.Equal(DataPlaneChoice.Null, TemporaryConfiguration.Good(text).DataPlane);

    [Theory]
    [InlineData("")]
    [InlineData("# only a comment\n")]
    [InlineData("---\n")]
    [InlineData("{}")]
    [InlineData("~")]
    public void Empty_file_is_all_defaults(string text)
    {
        var configuration = TemporaryConfiguration.Good(text);
        Assert.Equal("machine", configuration.Engine.HostName);
        Assert.Equal(DataPlaneChoice.Auto, configuration.DataPlane);
        Assert.Equal("/run/l2tpd/control.sock", configuration.Control.Path);
    }

    [Fact]
    public void Control_socket_can_be_left_out() =>
        Assert.Null(TemporaryConfiguration.Good("control: { socket: none }").Control.Path);
}
