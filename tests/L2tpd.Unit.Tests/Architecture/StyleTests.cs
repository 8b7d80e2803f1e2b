using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace L2tpd.Unit.Tests.Architecture;

/// <summary>Style rules that no formatter checks: the length of lines, functions and files; a file begins with its main type.</summary>
public sealed class StyleTests
{
    /// <summary><c>max_line_length</c> of .editorconfig.</summary>
    private const int LongestLine = 140;
    private const int LongestFile = 400;
    private const int LongestFunction = 50;

    [Fact]
    public void No_line_is_longer_than_the_editor_shows()
    {
        Assert.Contains($"max_line_length = {LongestLine}", RepositoryFiles.Text(".editorconfig"),
            StringComparison.Ordinal);
        var longer = from file in Files("src", "tests", "bench")
                     from line in File.ReadLines(file).Select(static (text, index) => (text, number: index + 1))
                     where line.text.Length > LongestLine
                     select $"{Relative(file)}:{line.number}: {line.text.Length} columns";
        Assert.Empty(longer);
    }

    [Fact]
    public void No_file_of_the_source_is_too_long_to_read_at_once()
    {
        var longer = from file in Files("src")
                     let lines = File.ReadLines(file).Count()
                     where lines > LongestFile
                     select $"{Relative(file)}: {lines} lines";
        Assert.Empty(longer);
    }

    [Fact]
    public void No_function_of_the_source_is_longer_than_a_screen()
    {
        var longer = from file in Files("src")
                     from function in Functions(file)
                     let span = function.GetLocation().GetLineSpan()
                     let lines = span.EndLinePosition.Line - span.StartLinePosition.Line + 1
                     where lines > LongestFunction
                     select $"{Relative(file)}:{span.StartLinePosition.Line + 1}: {lines} lines";
        Assert.Empty(longer);
    }

    /// <summary>The rule on functions can fail: a function of 51 lines is one line too long.</summary>
    [Theory]
    [InlineData(LongestFunction, 0)]
    [InlineData(LongestFunction + 1, 1)]
    public void The_length_of_a_function_counts_its_head_and_its_braces(int lines, int found)
    {
        var body = string.Concat(Enumerable.Repeat("        F();\n", lines - 3));
        var text = $"class C\n{{\n    /// <summary>Not counted.</summary>\n    void F()\n    {{\n{body}    }}\n}}\n";
        var functions = Functions(CSharpSyntaxTree.ParseText(text).GetRoot());
        Assert.Equal(found, functions.Count(static function =>
        {
            var span = function.GetLocation().GetLineSpan();
            return span.EndLinePosition.Line - span.StartLinePosition.Line + 1 > LongestFunction;
        }));
    }

    private static IEnumerable<SyntaxNode> Functions(string file) =>
        Functions(CSharpSyntaxTree.ParseText(File.ReadAllText(file)).GetRoot());

    private static IEnumerable<SyntaxNode> Functions(SyntaxNode root) =>
        root.DescendantNodes().Where(static node =>
            node is BaseMethodDeclarationSyntax or AccessorDeclarationSyntax or LocalFunctionStatementSyntax);

    private static IEnumerable<string> Files(params string[] folders) => folders
        .Select(static folder => Path.Combine(RepositoryFiles.Root, folder))
        .SelectMany(static folder => Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories))
        .Where(static file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal));

    private static string Relative(string file) => Path.GetRelativePath(RepositoryFiles.Root, file);
}
