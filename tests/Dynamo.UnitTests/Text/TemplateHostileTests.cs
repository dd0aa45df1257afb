using Dynamo.Text.Templates.Jinja;
using Dynamo.UnitTests.Text.Support;
using Xunit;

namespace Dynamo.UnitTests.Text;

/// <summary>Templates that loop, grow, recurse or reach for Python's insides: one error, soon, and never more memory than the budget.</summary>
public sealed class TemplateHostileTests
{
    [Theory]
    [InlineData("{% for a in range(10**9) %}{% endfor %}", "range(): at most")]
    [InlineData("{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}", "steps")]
    [InlineData("{{ 'a' * 10**9 }}", "text of more than")]
    [InlineData("{{ ([1] * 10**9)|length }}", "steps")]
    [InlineData("{% set n = namespace(x='ab') %}{% for i in range(100) %}{% set n.x = n.x ~ n.x %}{% endfor %}", "text of more than")]
    [InlineData("{% set n = namespace(x=[1]) %}{% for i in range(100) %}{% set n.x = n.x + n.x %}{% endfor %}", "steps")]
    [InlineData("{% set n = namespace(x='a' * 8000000, l=[]) %}{% for i in range(1000) %}{% set n.l = n.l + [n.x ~ i] %}{% endfor %}", "text of more than")]
    [InlineData("{% set n = namespace(x='a' * 8000000, l=[]) %}{% for i in range(1000) %}{% set n.l = n.l + [n.x[i:]] %}{% endfor %}", "text of more than")]
    [InlineData("{% set n = namespace(d={}) %}{% for i in range(100000) %}{% set n.d = dict(n.d, **{i|string: 1}) %}{% endfor %}", "steps")]
    [InlineData("{% set x = 'a' * 8000000 %}{% for i in range(100000) %}{% set y = x|length %}{% endfor %}", "steps")]
    [InlineData("{% set x = 'a' * 8000000 %}{% for i in range(100000) %}{% set y = 'b' in x %}{% endfor %}", "steps")]
    [InlineData("{% set x = 'a' * 8000000 %}{% for i in range(100000) %}{% set y = x.find('b') %}{% endfor %}", "steps")]
    [InlineData("{% set x = 'a' * 8000000 %}{% set z = x ~ '' %}{% for i in range(100000) %}{% set y = x == z %}{% endfor %}", "steps")]
    [InlineData("{{ ('a' * 1000000)|replace('a', 'b' * 1000000) }}", "text of more than")]
    [InlineData("{{ ('a' * 1000000).replace('', 'b' * 1000) }}", "text of more than")]
    [InlineData("{{ range(100000)|join('x' * 1000000) }}", "text of more than")]
    [InlineData("{{ '%099999999d' % 1 }}", "text of more than")]
    [InlineData("{{ '%*d' % (999999999, 1) }}", "text of more than")]
    [InlineData("{{ '%.99999999f' % 1 }}", "steps")]
    [InlineData("{{ '{:>999999999}'.format(1) }}", "text of more than")]
    [InlineData("{{ 'x'.center(10**9) }}", "text of more than")]
    [InlineData("{{ 'x'.zfill(10**9) }}", "text of more than")]
    [InlineData("{{ ('\\t' * 1000000).expandtabs(1000000) }}", "text of more than")]
    [InlineData("{{ 'a'|indent(10**12, true) }}", "text of more than")]
    [InlineData("{{ [1]|tojson(indent=10**9) }}", "indent must be")]
    [InlineData("{{ [1]|batch(10**9, 0)|list }}", "steps")]
    [InlineData("{{ [1]|slice(10**9)|list }}", "steps")]
    [InlineData("{{ 9**99999 }}", "4096 bits")]
    [InlineData("{% set n = namespace(x=3) %}{% for i in range(100) %}{% set n.x = n.x * n.x %}{% endfor %}", "4096 bits")]
    [InlineData("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "nested more than 100 deep")]
    [InlineData("{% macro f(n) %}{% if n %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(60) }}", "steps")]
    [InlineData("{% macro f(n) %}{{ 'a' * 8000000 }}{% if n %}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(90) }}", "text of more than")]
    [InlineData("{% for x in [[1]] recursive %}{{ loop([x]) }}{% endfor %}", "nested more than 100 deep")]
    [InlineData("{% set n = namespace(x=[], y=[]) %}{% for i in range(90000) %}{% set n.x = [n.x] %}{% set n.y = [n.y] %}{% endfor %}{{ n.x == n.y }}", "nested too deeply")]
    [InlineData("{% set n = namespace(x=[], y=[]) %}{% for i in range(90000) %}{% set n.x = [n.x] %}{% set n.y = [n.y] %}{% endfor %}{{ n.x < n.y }}", "nested too deeply")]
    [InlineData("{% set n = namespace(x=[]) %}{% for i in range(90000) %}{% set n.x = [n.x] %}{% endfor %}{{ n.x }}", "too deep")]
    [InlineData("{% set n = namespace(x=[]) %}{% for i in range(90000) %}{% set n.x = [n.x] %}{% endfor %}{{ n.x|tojson }}", "too deep")]
    [InlineData("{% set n = namespace(x=[1], y=[1]) %}{% for i in range(64) %}{% set n.x = [n.x, n.x] %}{% set n.y = [n.y, n.y] %}{% endfor %}{{ n.x == n.y }}", "steps")]
    [InlineData("{% set n = namespace(x=[1]) %}{% for i in range(64) %}{% set n.x = [n.x, n.x] %}{% endfor %}{{ n.x|string|length }}", "too large")]
    [InlineData("{% set n = namespace(x=(1,)) %}{% for i in range(64) %}{% set n.x = (n.x, n.x) %}{% endfor %}{{ {n.x: 1} }}", "a tuple that is a key")]
    [InlineData("{% set n = namespace(x=[1]) %}{% for i in range(90000) %}{% set n.x = n.x|map('string') %}{% endfor %}{{ n.x|list }}", "nested too deeply")]
    [InlineData("{% set x = 'a' * 1000000 %}{% set n = namespace(l=[]) %}{% for i in range(100) %}{% set n.l = n.l + [x ~ i] %}{% endfor %}{{ (n.l * 100)|sort|length }}", "text of more than")]
    [InlineData("{{ ''.__class__.__mro__[1].__subclasses__() }}", "has no attribute '__class__'")]
    [InlineData("{{ (''|attr('__class__')).__mro__ }}", "has no attribute '__class__'")]
    [InlineData("{{ range.__init__.__globals__ }}", "has no attribute '__init__'")]
    [InlineData("{{ messages.append(1) }}", "would change a list")]
    [InlineData("{{ {'a': 1}.update({}) }}", "would change a dict")]
    [InlineData("{% include 'other' %}", "a chat template is one file")]
    public void Render_HostileTemplate_IsOneError(string template, string expected)
    {
        TemplateException e = Assert.Throws<TemplateException>(() => Rendering.Render(template));

        Assert.Contains(expected, e.Message);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Theory]
    [InlineData("{{ ", "(", "1", ")", " }}")]
    [InlineData("{{ ", "[", "", "]", " }}")]
    [InlineData("{{ ", "{1:", "1", "}", " }}")]
    [InlineData("{{ ", "not ", "1", "", " }}")]
    [InlineData("{{ ", "-", "1", "", " }}")]
    [InlineData("{% set ", "(", "a", ")", " = 1 %}")]
    [InlineData("{% for ", "(", "a", ")", " in x %}{% endfor %}")]
    [InlineData("{{ ", "1+", "1", "", " }}")]
    [InlineData("{{ ", "1 if 1 else ", "1", "", " }}")]
    [InlineData("{{ a", "|e", "", "", " }}")]
    [InlineData("{{ a", "[0]", "", "", " }}")]
    [InlineData("{{ a", "[a", "", "", " }}")]
    [InlineData("{{ 1 ", "is eq [1 ", "", "", " }}")]
    [InlineData("", "{% if 1 %}", "", "{% endif %}", "")]
    [InlineData("", "{% for a in [1] %}", "", "{% endfor %}", "")]
    [InlineData("", "{% macro a() %}", "", "", "")]
    [InlineData("", "{% set a %}", "", "", "")]
    [InlineData("{{ ", "a(*", "", "", " }}")]
    public void Render_DeepNesting_IsOneErrorAndNoStackOverflow(string before, string open, string inner, string close, string behind)
    {
        const int depth = 100_000;
        string template = before + string.Concat(Enumerable.Repeat(open, depth)) + inner + string.Concat(Enumerable.Repeat(close, depth)) + behind;

        Assert.Throws<TemplateException>(() => Rendering.Render(template));
    }

    [Theory]
    [InlineData("{{ ")]
    [InlineData("{% if 1 %}")]
    [InlineData("{# ")]
    [InlineData("{{ 'a")]
    [InlineData("{% raw %} x")]
    [InlineData("{% endif %}")]
    [InlineData("{% for x in y %}{% endif %}")]
    [InlineData("{% break %}")]
    [InlineData("{% fancy %}")]
    [InlineData("{{ a b }}")]
    [InlineData("{{ 1 is }}")]
    [InlineData("{{ x | }}")]
    [InlineData("{% set true = 1 %}")]
    public void Parse_BrokenTemplate_NamesTheLine(string template)
    {
        TemplateException e = Assert.Throws<TemplateException>(() => Rendering.Render("\n" + template));

        Assert.Contains("(line ", e.Message);
    }

    [Theory]
    [InlineData("{% for x in range(90000) %}{% endfor %}ok")]
    [InlineData("{% set n = namespace(t='') %}{% for i in range(2000) %}{% set n.t = n.t ~ 'hundred letters ' * 6 %}{% endfor %}ok")]
    [InlineData("{{ ('a ' * 1000000).split()|length is eq 1000000 and '' }}{{ 'ok' }}")]
    public void Render_LargeButHonestTemplate_IsWithinTheBudget(string template) => Assert.EndsWith("ok", Rendering.Render(template));
}
